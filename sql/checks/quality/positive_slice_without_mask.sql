-- A slice that is labelled positive has a mark, and a marked slice is labelled positive, where both were given.
--
-- Grain: one row per slice that breaks it, in series that have at least one haemorrhage mark that counts. A slice is
-- negative where the question about any type or all five types are absent; a type that nobody asserted says nothing.
-- Inputs: label_current, label, label_source, slice, annotation_current, annotation_mask
WITH marked_series AS (
    SELECT DISTINCT patient_id, series_id
    FROM annotation_current
    WHERE target = 'haemorrhage' AND kind = 'mask'
),

marked AS (
    SELECT DISTINCT annotation_mask.patient_id, annotation_mask.slice_id
    FROM annotation_mask
    INNER JOIN annotation_current
        ON annotation_current.patient_id = annotation_mask.patient_id
        AND annotation_current.annotation_id = annotation_mask.annotation_id
    WHERE annotation_current.target = 'haemorrhage'
),

-- By the index of the subject, which CROSS JOIN makes SQLite use: labels of other series may be millions.
beside AS MATERIALIZED (
    SELECT label.patient_id, label.label_source_id, label.label_id, label.slice_id, slice.series_id
    FROM marked_series
    CROSS JOIN slice
    CROSS JOIN label_source
    CROSS JOIN label
    WHERE
        slice.patient_id = marked_series.patient_id
        AND slice.series_id = marked_series.series_id
        AND label.patient_id = slice.patient_id
        AND label.label_source_id = label_source.label_source_id
        AND label.subject_id = slice.slice_id
),

labelled AS (
    SELECT
        beside.patient_id,
        beside.series_id,
        beside.slice_id,
        CASE
            WHEN max(CASE label_current.term_name WHEN 'present' THEN 1 ELSE 0 END) = 1 THEN 1
            WHEN max(CASE label_current.domain_name WHEN 'any_haemorrhage' THEN 1 ELSE 0 END) = 1 THEN 0
            WHEN count(DISTINCT label_current.domain_name) = 5 THEN 0
        END AS any_haemorrhage
    FROM beside
    CROSS JOIN label_current
    WHERE
        label_current.patient_id = beside.patient_id
        AND label_current.label_source_id = beside.label_source_id
        AND label_current.label_id = beside.label_id
        AND label_current.level = 'slice'
        AND label_current.status = 'clean'
        AND label_current.term_name IN ('present', 'absent')
        AND label_current.domain_name IN (
            'intraventricular', 'intraparenchymal', 'subarachnoid', 'epidural', 'subdural', 'any_haemorrhage'
        )
    GROUP BY beside.patient_id, beside.series_id, beside.slice_id
)

SELECT
    labelled.patient_id,
    labelled.series_id,
    labelled.slice_id,
    labelled.any_haemorrhage,
    CASE WHEN marked.slice_id IS NULL THEN 0 ELSE 1 END AS is_marked
FROM labelled
LEFT JOIN marked
    ON marked.patient_id = labelled.patient_id
    AND marked.slice_id = labelled.slice_id
WHERE labelled.any_haemorrhage <> CASE WHEN marked.slice_id IS NULL THEN 0 ELSE 1 END
ORDER BY labelled.patient_id, labelled.series_id, labelled.slice_id;
