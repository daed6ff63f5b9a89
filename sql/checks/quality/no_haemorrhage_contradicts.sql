-- "No haemorrhage" is the opposite of any type of haemorrhage.
--
-- Grain: one row per slice where the source contradicts itself, or where it is silent on one side.
-- Inputs: slice_label_wide
SELECT
    patient_id,
    series_id,
    slice_id,
    no_haemorrhage,
    any_haemorrhage
FROM slice_label_wide
WHERE no_haemorrhage = any_haemorrhage
ORDER BY patient_id, series_id, slice_id;
