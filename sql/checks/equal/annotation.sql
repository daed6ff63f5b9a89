-- What is compared of annotation when two warehouses should be equal.
--
-- Grain: one row per marked object: a mask, box, point, sphere or contour stack of one reader on one series.
-- Inputs: annotation
-- Left out: ingest_run_id
SELECT
    patient_id,
    annotation_id,
    series_id,
    reader_id,
    annotation_key,
    kind,
    target,
    label_term_id,
    centre_x_mm,
    centre_y_mm,
    centre_z_mm,
    centre_column,
    centre_row,
    centre_slice,
    extent_x_mm,
    extent_y_mm,
    extent_z_mm,
    diameter_mm,
    voxel_count,
    volume_mm3,
    mask_series_id,
    rule AS rule_json,
    derived_from_annotation,
    label_source_id
FROM annotation
ORDER BY
    patient_id,
    annotation_id;
