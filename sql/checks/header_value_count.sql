-- A value is not counted for more slices than its series has. Items of sequences may be: they are left out.
--
-- Grain: one row per series × path × value that breaks it.
-- Inputs: header_value, series
SELECT header_value.patient_id, header_value.series_id, header_value.path, header_value.value_ordinal
FROM header_value
INNER JOIN series
    ON series.patient_id = header_value.patient_id
    AND series.series_id = header_value.series_id
WHERE
    header_value.slice_count > CASE WHEN series.role = 'object' THEN 1 ELSE series.slice_count END
    AND length(header_value.path) <= 8
ORDER BY header_value.patient_id, header_value.series_id, header_value.path, header_value.value_ordinal;
