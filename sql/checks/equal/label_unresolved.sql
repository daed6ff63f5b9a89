-- What is compared of label_unresolved when two warehouses should be equal.
--
-- Grain: one row per assertion whose image is not in the warehouse; it becomes a label when the image arrives.
-- Inputs: label_unresolved
-- Left out: ingest_run_id
SELECT
    label_unresolved_id,
    dataset_id,
    label_source_id,
    patient_key,
    study_key,
    series_key,
    instance_number,
    sop_instance_uid,
    level,
    label_domain_id,
    reader_id,
    occurrence,
    raw_value,
    source_file_id,
    source_row,
    reason
FROM label_unresolved
ORDER BY
    label_unresolved_id;
