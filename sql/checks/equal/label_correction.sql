-- What is compared of label_correction when two warehouses should be equal.
--
-- Grain: one row per label that a person replaced: the old one is kept and no longer counts.
-- Inputs: label_correction
-- Left out: created_at
SELECT
    patient_id,
    label_source_id,
    label_id,
    replacement_label_source_id,
    replacement_label_id,
    author,
    reason
FROM label_correction
ORDER BY
    patient_id,
    label_source_id,
    label_id;
