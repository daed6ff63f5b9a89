-- A dataset that labels slices labels all slices of an image series, and only slices that exist.
--
-- Grain: one row per series with labels for some of its slices only, per patient with rows for absent slices, or per
-- published dataset with series that have no labels where others have: for information, since of test sets none are
-- published.
-- Inputs: slice, series, label, label_source, label_unresolved, patient, dataset
--
-- Tables in force and corrections of them; readings of series (XML) are a thousand sources without a word on slices.
WITH labelling AS MATERIALIZED (
    SELECT label_source_id, dataset_id
    FROM label_source
    WHERE is_active AND kind IN ('csv', 'manual')
),

image AS (
    SELECT
        slice.patient_id,
        slice.series_id,
        -- Looked up slice by slice, by the index of the subject: the distinct slices of millions of labels take a sort.
        -- CROSS JOIN keeps SQLite from reading all labels of the patient for each slice. That the subject is a slice
        -- follows from its id, a content key; its level stands in the row alone, not in the index.
        CASE WHEN EXISTS (
            SELECT 1
            FROM labelling
            CROSS JOIN label
            WHERE
                labelling.dataset_id = patient.dataset_id
                AND label.patient_id = slice.patient_id
                AND label.label_source_id = labelling.label_source_id
                AND label.subject_id = slice.slice_id
        ) THEN 1 ELSE 0 END AS is_labelled
    FROM patient
    CROSS JOIN series
    CROSS JOIN slice
    WHERE
        patient.dataset_id IN (SELECT labelling.dataset_id FROM labelling)
        AND series.patient_id = patient.patient_id
        AND slice.patient_id = series.patient_id
        AND slice.series_id = series.series_id
        AND series.role = 'image'
        AND series.companion_of IS NULL
        AND series.derived_from IS NULL
),

partly AS MATERIALIZED (
    SELECT patient_id, series_id, count(*) AS slice_count, sum(is_labelled) AS labelled_count
    FROM image
    GROUP BY patient_id, series_id
),

unresolved AS (
    SELECT
        patient.patient_id,
        count(DISTINCT label_unresolved.instance_number) AS absent_slice_count
    FROM patient
    CROSS JOIN label_unresolved
    CROSS JOIN label_source
    WHERE
        label_unresolved.dataset_id = patient.dataset_id
        AND label_unresolved.patient_key = patient.patient_key
        AND label_unresolved.level = 'slice'
        AND label_source.label_source_id = label_unresolved.label_source_id
        AND label_source.is_active
    GROUP BY patient.patient_id
),

-- Of clinical data only some series have labels.
without_label AS (
    SELECT
        patient.dataset_id,
        count(*) AS series_count,
        CAST(sum(CASE WHEN partly.labelled_count = 0 THEN 1 ELSE 0 END) AS bigint) AS unlabelled_count,
        CAST(sum(CASE WHEN partly.labelled_count = 0 THEN partly.slice_count ELSE 0 END) AS bigint) AS slice_count
    FROM partly
    INNER JOIN patient ON patient.patient_id = partly.patient_id
    INNER JOIN dataset ON dataset.dataset_id = patient.dataset_id
    WHERE dataset.patient_key_kind = 'research'
    GROUP BY patient.dataset_id
),

mismatch AS (
    SELECT
        CAST(NULL AS bigint) AS dataset_id,
        patient_id,
        series_id,
        slice_count,
        labelled_count,
        0 AS absent_slice_count,
        0 AS series_count,
        0 AS unlabelled_count
    FROM partly
    WHERE labelled_count BETWEEN 1 AND slice_count - 1
    UNION ALL
    SELECT NULL, patient_id, NULL, 0, 0, absent_slice_count, 0, 0
    FROM unresolved
    UNION ALL
    SELECT dataset_id, NULL, NULL, slice_count, 0, 0, series_count, unlabelled_count
    FROM without_label
    WHERE unlabelled_count BETWEEN 1 AND series_count - 1
)

SELECT
    dataset_id,
    patient_id,
    series_id,
    slice_count,
    labelled_count,
    absent_slice_count,
    CASE WHEN dataset_id IS NULL THEN 'warning' ELSE 'info' END AS severity,
    CASE
        WHEN dataset_id IS NOT NULL
            THEN 'Of the ' || CAST(series_count AS text) || ' series of images ' || CAST(unlabelled_count AS text)
                || CASE unlabelled_count WHEN 1 THEN ' has' ELSE ' have' END || ' no labels of slices, and the others '
                || 'have some, as it is where they are a test set; else see whether their rows are missing in the '
                || 'table, or stand rejected (slicehouse status --rejected).'
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
ORDER BY dataset_id NULLS FIRST, patient_id, series_id NULLS LAST;
