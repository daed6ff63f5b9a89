-- What is compared of label when two warehouses should be equal.
--
-- Grain: one row per raw assertion: subject × domain × source × reader, as it was written.
-- Inputs: label
-- Left out: ingest_run_id
SELECT
    patient_id,
    label_source_id,
    label_id,
    label_domain_id,
    reader_id,
    level,
    study_id,
    series_id,
    slice_id,
    annotation_id,
    subject_id,
    occurrence,
    raw_value,
    source_file_id,
    source_row
FROM label
ORDER BY
    patient_id,
    label_source_id,
    label_id;
