-- What is compared of header_slice_value when two warehouses should be equal.
--
-- Grain: one row per slice × path × value, for paths that vary within the series.
-- Inputs: header_slice_value
SELECT
    patient_id,
    series_id,
    slice_id,
    path,
    value_ordinal,
    value_class,
    value
FROM header_slice_value
ORDER BY
    path,
    patient_id,
    slice_id,
    value_ordinal;
