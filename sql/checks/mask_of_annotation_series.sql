-- A mask marks slices of the series its annotation is drawn on.
--
-- Grain: one row per annotation × slice that breaks it.
-- Inputs: annotation_mask, annotation, slice
SELECT annotation_mask.patient_id, annotation_mask.annotation_id, annotation_mask.slice_id
FROM annotation_mask
INNER JOIN annotation
    ON annotation.patient_id = annotation_mask.patient_id
    AND annotation.annotation_id = annotation_mask.annotation_id
INNER JOIN slice
    ON slice.patient_id = annotation_mask.patient_id
    AND slice.slice_id = annotation_mask.slice_id
WHERE slice.series_id <> annotation.series_id
ORDER BY annotation_mask.patient_id, annotation_mask.annotation_id, annotation_mask.slice_id;
