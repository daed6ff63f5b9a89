-- What is compared of annotation_mask when two warehouses should be equal.
--
-- Grain: one row per annotation × slice that it marks: the marked pixels.
-- Inputs: annotation_mask
SELECT
    patient_id,
    annotation_id,
    slice_id,
    mask_slice_id,
    rle,
    voxel_count,
    first_row,
    last_row,
    first_column,
    last_column,
    threshold,
    level_count
FROM annotation_mask
ORDER BY
    patient_id,
    annotation_id,
    slice_id;
