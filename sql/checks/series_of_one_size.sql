-- The slices of a volume have one size, one pixel type and one number of samples.
--
-- Grain: one row per volume that breaks it.
-- Inputs: series, slice
SELECT
    series.patient_id,
    series.series_id,
    min(slice.rows) AS least_rows,
    max(slice.rows) AS most_rows,
    min(slice.columns) AS least_columns,
    max(slice.columns) AS most_columns
FROM series
INNER JOIN slice ON slice.patient_id = series.patient_id AND slice.series_id = series.series_id
WHERE series.geometry_kind = 'volume'
GROUP BY series.patient_id, series.series_id
HAVING
    min(slice.rows) <> max(slice.rows)
    OR min(slice.columns) <> max(slice.columns)
    OR min(slice.pixel_type) <> max(slice.pixel_type)
    OR min(slice.samples_per_pixel) <> max(slice.samples_per_pixel)
ORDER BY series.patient_id, series.series_id;
