-- What is compared of label_source_retirement when two warehouses should be equal.
--
-- Grain: one row per time that a person took a source of labels or marks out of force.
-- Inputs: label_source_retirement
-- Left out: retired_at, restored_at
SELECT
    label_source_id,
    ordinal,
    author,
    reason,
    restore_author,
    restore_reason
FROM label_source_retirement
ORDER BY
    label_source_id,
    ordinal;
