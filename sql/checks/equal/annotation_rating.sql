-- What is compared of annotation_rating when two warehouses should be equal.
--
-- Grain: one row per annotation × characteristic that its reader rated.
-- Inputs: annotation_rating
SELECT
    patient_id,
    annotation_id,
    characteristic,
    raw_value,
    rating
FROM annotation_rating
ORDER BY
    patient_id,
    annotation_id,
    characteristic;
