-- A dataset whose tables label patients or series labels all of them.
--
-- Grain: one row per published dataset × level where some have a label of a table in force and others none. Slices are
-- looked at by label_rows_match_slices. Of clinical data only some images have labels, and nothing is odd about it.
-- Inputs: label, label_source, dataset, patient, series
WITH labelling AS MATERIALIZED (
    SELECT label_source.label_source_id, label_source.dataset_id
    FROM label_source
    INNER JOIN dataset ON dataset.dataset_id = label_source.dataset_id
    WHERE label_source.is_active AND label_source.kind = 'csv' AND dataset.patient_key_kind = 'research'
),

subject AS (
    SELECT
        patient.dataset_id,
        'series' AS level,
        series.patient_id,
        series.series_id AS subject_id
    FROM series
    INNER JOIN patient ON patient.patient_id = series.patient_id
    WHERE
        series.role = 'image'
        AND series.variant = 0
        AND series.companion_of IS NULL
        AND series.derived_from IS NULL
    UNION ALL
    SELECT dataset_id, 'patient' AS level, patient_id, patient_id AS subject_id
    FROM patient
),

-- By the index of the subject, which CROSS JOIN makes SQLite use: labels of slices may be millions.
asked AS MATERIALIZED (
    SELECT
        subject.dataset_id,
        subject.level,
        subject.subject_id,
        CASE WHEN EXISTS (
            SELECT 1
            FROM labelling
            CROSS JOIN label
            WHERE
                labelling.dataset_id = subject.dataset_id
                AND label.patient_id = subject.patient_id
                AND label.label_source_id = labelling.label_source_id
                AND label.subject_id = subject.subject_id
        ) THEN 1 ELSE 0 END AS is_labelled
    FROM subject
    WHERE subject.dataset_id IN (SELECT labelling.dataset_id FROM labelling)
),

counted AS (
    SELECT
        dataset_id,
        level,
        count(*) AS subject_count,
        CAST(sum(is_labelled) AS bigint) AS labelled_count,
        min(CASE WHEN level = 'series' AND is_labelled = 0 THEN subject_id END) AS example_series_id
    FROM asked
    GROUP BY dataset_id, level
)

SELECT
    counted.dataset_id,
    counted.level,
    counted.subject_count,
    counted.labelled_count,
    counted.example_series_id,
    'Of the ' || CAST(counted.subject_count AS text)
        || CASE counted.level WHEN 'series' THEN ' series' ELSE ' patients' END
        || ' of ' || dataset.name || CASE WHEN dataset.version = '' THEN '' ELSE '@' || dataset.version END
        || ' only ' || CAST(counted.labelled_count AS text) || ' have labels of its tables'
        || CASE
            WHEN counted.example_series_id IS NULL THEN ''
            ELSE ' (one without is slicehouse series ' || CAST(counted.example_series_id AS text) || ')'
        END
        || '; see whether the rows of the others are missing in the table, or stand rejected '
        || '(slicehouse status --rejected).' AS note
FROM counted
INNER JOIN dataset ON dataset.dataset_id = counted.dataset_id
WHERE counted.labelled_count BETWEEN 1 AND counted.subject_count - 1
ORDER BY counted.dataset_id, counted.level;
