-- A conflicting variant repeats the series it conflicts with: same study, same key, variant 0.
--
-- Grain: one row per series that breaks it.
-- Inputs: series
SELECT series.patient_id, series.series_id, series.conflict_of
FROM series
INNER JOIN series AS original
    ON original.patient_id = series.patient_id
    AND original.series_id = series.conflict_of
WHERE
    original.variant <> 0
    OR original.series_key <> series.series_key
    OR original.study_id <> series.study_id
ORDER BY series.patient_id, series.series_id;
