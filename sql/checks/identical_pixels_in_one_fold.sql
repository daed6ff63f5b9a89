-- Patients who share a picture are in one fold; blank pictures and masks prove nothing and are left out.
--
-- Grain: one row per split × pair of patients that breaks it.
-- Inputs: slice, series, split_assignment
SELECT
    one.split_id,
    one.patient_id,
    other.patient_id AS other_patient_id,
    min(one.fold) AS fold,
    min(other.fold) AS other_fold,
    count(DISTINCT slice.slice_id) AS shared_slice_count
FROM slice
INNER JOIN slice AS twin
    ON twin.pixel_digest = slice.pixel_digest
    AND twin.patient_id > slice.patient_id
INNER JOIN series ON series.patient_id = slice.patient_id AND series.series_id = slice.series_id
INNER JOIN series AS twin_series
    ON twin_series.patient_id = twin.patient_id
    AND twin_series.series_id = twin.series_id
INNER JOIN split_assignment AS one ON one.patient_id = slice.patient_id
INNER JOIN split_assignment AS other ON other.patient_id = twin.patient_id AND other.split_id = one.split_id
WHERE
    NOT slice.is_blank
    AND series.role = 'image'
    AND twin_series.role = 'image'
    AND one.fold <> other.fold
GROUP BY one.split_id, one.patient_id, other.patient_id
ORDER BY one.split_id, one.patient_id, other.patient_id;
