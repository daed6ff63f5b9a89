-- A mask has the size of the slice it marks, so that its pixels mean the same places.
--
-- Grain: one row per annotation × slice that breaks it.
-- Inputs: annotation_mask, slice
SELECT
    annotation_mask.patient_id,
    annotation_mask.annotation_id,
    annotation_mask.slice_id,
    slice.rows,
    slice.columns,
    mask_slice.rows AS mask_rows,
    mask_slice.columns AS mask_columns
FROM annotation_mask
INNER JOIN slice
    ON slice.patient_id = annotation_mask.patient_id
    AND slice.slice_id = annotation_mask.slice_id
LEFT JOIN slice AS mask_slice
    ON mask_slice.patient_id = annotation_mask.patient_id
    AND mask_slice.slice_id = annotation_mask.mask_slice_id
WHERE
    mask_slice.rows <> slice.rows
    OR mask_slice.columns <> slice.columns
    OR annotation_mask.last_row >= slice.rows
    OR annotation_mask.last_column >= slice.columns
ORDER BY annotation_mask.patient_id, annotation_mask.annotation_id, annotation_mask.slice_id;
