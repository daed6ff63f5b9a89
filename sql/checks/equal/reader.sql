-- What is compared of reader when two warehouses should be equal.
--
-- Grain: one row per reader of a dataset: who looked, or what did.
-- Inputs: reader
SELECT
    reader_id,
    dataset_id,
    reader_key,
    kind,
    description
FROM reader
ORDER BY
    reader_id;
