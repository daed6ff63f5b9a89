-- slice_index runs from 0 to n - 1 in every series.
--
-- Grain: one row per series that breaks it.
-- Inputs: slice
SELECT
    patient_id,
    series_id,
    min(slice_index) AS first_index,
    max(slice_index) AS last_index,
    count(*) AS slice_count
FROM slice
GROUP BY patient_id, series_id
HAVING min(slice_index) <> 0 OR max(slice_index) <> count(*) - 1
ORDER BY patient_id, series_id;
