-- What is compared of header_value when two warehouses should be equal.
--
-- Grain: one row per series × path × value, for paths that do not vary by slice: how many slices have it.
-- Inputs: header_value
SELECT
    patient_id,
    series_id,
    path,
    value_ordinal,
    value_class,
    value,
    slice_count
FROM header_value
ORDER BY
    patient_id,
    series_id,
    path,
    value_ordinal;
