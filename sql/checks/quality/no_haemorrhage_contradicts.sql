-- "No haemorrhage" is the opposite of any type of haemorrhage.
--
-- Grain: one row per slice where both were asserted, and both are present or both absent: a type, or all five types.
-- Inputs: label_current, label, label_source, slice
WITH clear AS (
    SELECT
        patient_id,
        slice_id,
        max(CASE term_name WHEN 'present' THEN 1 WHEN 'absent' THEN 0 END) AS no_haemorrhage
    FROM label_current
    WHERE level = 'slice' AND status = 'clean' AND domain_name = 'no_haemorrhage'
    GROUP BY patient_id, slice_id
),

-- By the index of the subject, which CROSS JOIN makes SQLite use: labels of other slices may be millions.
beside AS MATERIALIZED (
    SELECT label.patient_id, label.label_source_id, label.label_id, label.slice_id
    FROM clear
    CROSS JOIN label_source
    CROSS JOIN label
    WHERE
        label.patient_id = clear.patient_id
        AND label.label_source_id = label_source.label_source_id
        AND label.subject_id = clear.slice_id
),

found AS (
    SELECT
        beside.patient_id,
        beside.slice_id,
        CASE
            WHEN max(CASE label_current.term_name WHEN 'present' THEN 1 ELSE 0 END) = 1 THEN 1
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
            'intraventricular', 'intraparenchymal', 'subarachnoid', 'epidural', 'subdural'
        )
    GROUP BY beside.patient_id, beside.slice_id
)

SELECT
    clear.patient_id,
    slice.series_id,
    clear.slice_id,
    clear.no_haemorrhage,
    found.any_haemorrhage
FROM clear
INNER JOIN found
    ON found.patient_id = clear.patient_id
    AND found.slice_id = clear.slice_id
INNER JOIN slice ON slice.patient_id = clear.patient_id AND slice.slice_id = clear.slice_id
WHERE clear.no_haemorrhage = found.any_haemorrhage
ORDER BY clear.patient_id, slice.series_id, clear.slice_id;
