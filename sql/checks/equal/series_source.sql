-- What is compared of series_source when two warehouses should be equal.
--
-- Grain: one row per series × source file, for what has no slice to hang on: an object without pixels.
-- Inputs: series_source
SELECT
    patient_id,
    series_id,
    source_file_id,
    sha256
FROM series_source
ORDER BY
    patient_id,
    series_id,
    source_file_id;
