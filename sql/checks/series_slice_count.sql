-- series.slice_count is the number of slices stored, and every series but an object has some.
--
-- Grain: one row per series that breaks it.
-- Inputs: series, slice
SELECT
    series.patient_id,
    series.series_id,
    series.slice_count,
    count(slice.slice_id) AS stored_count
FROM series
LEFT JOIN slice ON slice.patient_id = series.patient_id AND slice.series_id = series.series_id
GROUP BY series.patient_id, series.series_id, series.slice_count, series.role
HAVING
    series.slice_count <> count(slice.slice_id)
    OR (series.role <> 'object' AND count(slice.slice_id) = 0)
ORDER BY series.patient_id, series.series_id;
