-- Every slice names the file its pixels came from, unless it was derived here.
--
-- Grain: one row per slice that breaks it.
-- Inputs: slice, series, slice_source
SELECT slice.patient_id, slice.slice_id
FROM slice
INNER JOIN series ON series.patient_id = slice.patient_id AND series.series_id = slice.series_id
WHERE
    series.derived_from IS NULL
    AND NOT EXISTS (
        SELECT 1
        FROM slice_source
        WHERE slice_source.patient_id = slice.patient_id AND slice_source.slice_id = slice.slice_id
    )
ORDER BY slice.patient_id, slice.slice_id;
