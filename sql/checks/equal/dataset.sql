-- What is compared of dataset when two warehouses should be equal.
--
-- Grain: one row per named version of a collection of images.
-- Inputs: dataset
-- Left out: created_at
SELECT
    dataset_id,
    name,
    version,
    adapter,
    patient_key_kind
FROM dataset
ORDER BY
    dataset_id;
