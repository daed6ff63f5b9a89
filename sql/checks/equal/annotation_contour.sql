-- What is compared of annotation_contour when two warehouses should be equal.
--
-- Grain: one row per annotation × closed polygon, as the reader drew it.
-- Inputs: annotation_contour
SELECT
    patient_id,
    annotation_id,
    contour_index,
    slice_id,
    CAST(is_inclusion AS integer) AS is_inclusion,
    points AS points_json,
    point_count
FROM annotation_contour
ORDER BY
    patient_id,
    annotation_id,
    contour_index;
