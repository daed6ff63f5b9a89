-- What is compared of header_removed when two warehouses should be equal.
--
-- Grain: one row per series × path that the allow-list touched: what was done, how often. No value is kept.
-- Inputs: header_removed
SELECT
    patient_id,
    series_id,
    path,
    action,
    removed_count
FROM header_removed
ORDER BY
    patient_id,
    series_id,
    path,
    action;
