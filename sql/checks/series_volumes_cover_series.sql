-- The volumes of a series follow each other without gap or overlap, and together are all of its slices.
--
-- Grain: one row per series that breaks it. A series without rows in series_volume is one volume.
-- Inputs: series, series_volume
WITH followed AS (
    SELECT
        patient_id,
        series_id,
        first_slice_index,
        slice_count,
        sum(slice_count) OVER (PARTITION BY patient_id, series_id ORDER BY volume_index) - slice_count AS slices_before
    FROM series_volume
)

SELECT
    series.patient_id,
    series.series_id,
    min(series.slice_count) AS slice_count,
    sum(followed.slice_count) AS slices_in_volumes
FROM series
INNER JOIN followed ON followed.patient_id = series.patient_id AND followed.series_id = series.series_id
GROUP BY series.patient_id, series.series_id
HAVING
    min(series.slice_count) <> sum(followed.slice_count)
    OR max(CASE WHEN followed.first_slice_index <> followed.slices_before THEN 1 ELSE 0 END) = 1
ORDER BY series.patient_id, series.series_id;
