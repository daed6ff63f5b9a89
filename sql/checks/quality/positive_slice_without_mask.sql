-- A slice that is labelled positive has a mark, and a marked slice is labelled positive, where both were given.
--
-- Grain: one row per slice that breaks it, in series that have at least one haemorrhage mark.
-- Inputs: slice_label_wide, annotation, annotation_mask
WITH marked_series AS (
    SELECT DISTINCT patient_id, series_id
    FROM annotation
    WHERE target = 'haemorrhage' AND kind = 'mask'
),

marked AS (
    SELECT DISTINCT annotation_mask.patient_id, annotation_mask.slice_id
    FROM annotation_mask
    INNER JOIN annotation
        ON annotation.patient_id = annotation_mask.patient_id
        AND annotation.annotation_id = annotation_mask.annotation_id
    WHERE annotation.target = 'haemorrhage'
)

SELECT
    slice_label_wide.patient_id,
    slice_label_wide.series_id,
    slice_label_wide.slice_id,
    slice_label_wide.any_haemorrhage,
    CASE WHEN marked.slice_id IS NULL THEN 0 ELSE 1 END AS is_marked
FROM slice_label_wide
INNER JOIN marked_series
    ON marked_series.patient_id = slice_label_wide.patient_id
    AND marked_series.series_id = slice_label_wide.series_id
LEFT JOIN marked
    ON marked.patient_id = slice_label_wide.patient_id
    AND marked.slice_id = slice_label_wide.slice_id
WHERE slice_label_wide.any_haemorrhage <> CASE WHEN marked.slice_id IS NULL THEN 0 ELSE 1 END
ORDER BY slice_label_wide.patient_id, slice_label_wide.series_id, slice_label_wide.slice_id;
