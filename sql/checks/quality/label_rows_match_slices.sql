-- A dataset that labels slices labels all slices of an image series, and only slices that exist.
--
-- Grain: one row per series with labels for some of its slices only, or per patient with rows for absent slices.
-- Inputs: slice, series, label, label_source, label_unresolved, patient
WITH image AS (
    SELECT
        slice.patient_id,
        slice.series_id,
        -- Looked up slice by slice, by the index of the subject: the distinct slices of millions of labels take a sort.
        -- CROSS JOIN keeps SQLite from reading all labels of the patient for each slice. That the subject is a slice
        -- follows from its id, a content key; its level stands in the row alone, not in the index.
        CASE WHEN EXISTS (
            SELECT 1
            FROM label_source
            CROSS JOIN label
            WHERE
                label.patient_id = slice.patient_id
                AND label.label_source_id = label_source.label_source_id
                AND label.subject_id = slice.slice_id
        ) THEN 1 ELSE 0 END AS is_labelled
    FROM slice
    INNER JOIN series ON series.patient_id = slice.patient_id AND series.series_id = slice.series_id
    WHERE
        series.role = 'image'
        AND series.companion_of IS NULL
        AND series.derived_from IS NULL
),

partly AS (
    SELECT patient_id, series_id, count(*) AS slice_count, sum(is_labelled) AS labelled_count
    FROM image
    GROUP BY patient_id, series_id
),

unresolved AS (
    SELECT
        patient.patient_id,
        count(DISTINCT label_unresolved.instance_number) AS absent_slice_count
    FROM label_unresolved
    INNER JOIN patient
        ON patient.dataset_id = label_unresolved.dataset_id
        AND patient.patient_key = label_unresolved.patient_key
    WHERE label_unresolved.level = 'slice'
    GROUP BY patient.patient_id
),

mismatch AS (
    SELECT patient_id, series_id, slice_count, labelled_count, 0 AS absent_slice_count
    FROM partly
    WHERE labelled_count BETWEEN 1 AND slice_count - 1
    UNION ALL
    SELECT patient_id, NULL AS series_id, 0 AS slice_count, 0 AS labelled_count, absent_slice_count
    FROM unresolved
)

SELECT
    patient_id,
    series_id,
    slice_count,
    labelled_count,
    absent_slice_count,
    CASE
        WHEN series_id IS NOT NULL
            THEN 'Of the ' || CAST(slice_count AS text) || ' slices of this series ' || CAST(labelled_count AS text)
                || ' have labels; see whether the rows of the others are missing in the table, or stand rejected '
                || '(slicehouse status --rejected).'
        -- Rows that name their image alone have no number.
        WHEN absent_slice_count = 0
            THEN 'Labels of slices of this patient wait for images that are not in the warehouse; ingest these, or '
                || 'correct the names of the images in the table.'
        ELSE 'Labels of ' || CAST(absent_slice_count AS text) || ' slice numbers of this patient wait for images that '
                || 'are not in the warehouse; ingest these, or correct the numbers in the table.'
    END AS note
FROM mismatch
ORDER BY patient_id, series_id NULLS LAST;
