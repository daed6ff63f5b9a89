-- A mask is the companion of an image, and the companion of a companion is never followed.
--
-- Grain: one row per series that breaks it.
-- Inputs: series
SELECT series.patient_id, series.series_id, series.companion_of
FROM series
INNER JOIN series AS first
    ON first.patient_id = series.patient_id
    AND first.series_id = series.companion_of
WHERE
    first.companion_of IS NOT NULL
    OR first.role <> 'image'
ORDER BY series.patient_id, series.series_id;
