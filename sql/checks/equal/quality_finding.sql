-- What is compared of quality_finding when two warehouses should be equal.
--
-- Grain: one row per finding of a check or reader: something odd that was stored all the same.
-- Inputs: quality_finding
-- Left out: ingest_run_id
SELECT
    quality_finding_id,
    check_name,
    severity,
    level,
    dataset_id,
    source_file_id,
    patient_id,
    study_id,
    series_id,
    slice_id,
    sentence,
    detail AS detail_json
FROM quality_finding
ORDER BY
    quality_finding_id;
