-- What is compared of label_source when two warehouses should be equal.
--
-- Grain: one row per place labels come from: a table file, headers, a person, a model.
-- Inputs: label_source
SELECT
    label_source_id,
    dataset_id,
    name,
    source_file_id,
    kind,
    sha256,
    CAST(is_active AS integer) AS is_active
FROM label_source
ORDER BY
    label_source_id;
