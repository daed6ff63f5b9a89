-- What is compared of annotation_member when two warehouses should be equal.
--
-- Grain: one row per consensus annotation × annotation it was formed from.
-- Inputs: annotation_member
SELECT
    patient_id,
    annotation_id,
    member_annotation_id
FROM annotation_member
ORDER BY
    patient_id,
    annotation_id,
    member_annotation_id;
