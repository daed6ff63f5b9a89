-- One question about one subject is answered by one file of a table, and a series is marked by one file of a table.
--
-- Grain: one row per pair of files in force that breaks it: of one dataset and name, with other content. Other readers
-- may answer the same question.
-- Inputs: label_source, dataset, label, annotation
WITH rival AS MATERIALIZED (
    SELECT label_source.label_source_id, label_source.dataset_id, label_source.name
    FROM label_source
    WHERE
        label_source.is_active
        AND label_source.sha256 IS NOT NULL
        AND EXISTS (
            SELECT 1
            FROM label_source AS other
            WHERE
                other.dataset_id = label_source.dataset_id
                AND other.name = label_source.name
                AND other.label_source_id <> label_source.label_source_id
                AND other.sha256 IS NOT NULL
                AND other.is_active
        )
),

-- Labels may be millions: they are not looked at where there are no rivals (CROSS JOIN keeps the order in SQLite).
any_rival AS (
    SELECT 1 AS one
    FROM rival
    LIMIT 1
),

holder AS MATERIALIZED (
    SELECT DISTINCT label.patient_id, rival.label_source_id, rival.dataset_id, rival.name
    FROM any_rival
    CROSS JOIN label
    CROSS JOIN rival
    WHERE rival.label_source_id = label.label_source_id
),

pair AS MATERIALIZED (
    SELECT
        first.patient_id,
        first.label_source_id AS first_id,
        second.label_source_id AS second_id
    FROM holder AS first
    INNER JOIN holder AS second
        ON second.patient_id = first.patient_id
        AND second.dataset_id = first.dataset_id
        AND second.name = first.name
        AND second.label_source_id > first.label_source_id
),

answered AS (
    SELECT
        pair.first_id,
        pair.second_id,
        count(*) AS answer_count,
        CAST(sum(CASE WHEN second.raw_value = first.raw_value THEN 0 ELSE 1 END) AS bigint) AS different_count
    FROM pair
    CROSS JOIN label AS first
    CROSS JOIN label AS second
    WHERE
        first.patient_id = pair.patient_id
        AND first.label_source_id = pair.first_id
        AND second.patient_id = pair.patient_id
        AND second.label_source_id = pair.second_id
        AND second.subject_id = first.subject_id
        AND second.label_domain_id = first.label_domain_id
        AND second.reader_id = first.reader_id
        AND second.occurrence = first.occurrence
    GROUP BY pair.first_id, pair.second_id
),

marker AS MATERIALIZED (
    SELECT DISTINCT
        annotation.patient_id,
        annotation.series_id,
        rival.label_source_id,
        rival.dataset_id,
        rival.name
    FROM rival
    CROSS JOIN annotation
    WHERE annotation.label_source_id = rival.label_source_id
),

marked AS (
    SELECT
        first.label_source_id AS first_id,
        second.label_source_id AS second_id,
        count(*) AS series_count
    FROM marker AS first
    INNER JOIN marker AS second
        ON second.patient_id = first.patient_id
        AND second.series_id = first.series_id
        AND second.dataset_id = first.dataset_id
        AND second.name = first.name
        AND second.label_source_id > first.label_source_id
    GROUP BY first.label_source_id, second.label_source_id
),

overlap AS (
    SELECT
        first_id,
        second_id,
        CAST(answer_count AS text) || ' questions are answered by both, '
            || CAST(different_count AS text) || ' of them differently' AS extent
    FROM answered
    UNION ALL
    SELECT first_id, second_id, CAST(series_count AS text) || ' series are marked by both'
    FROM marked
)

SELECT
    rival.dataset_id,
    overlap.first_id AS label_source_id,
    overlap.second_id AS other_label_source_id,
    'The table ' || rival.name || ' of ' || dataset.name
        || CASE WHEN dataset.version = '' THEN '' ELSE '@' || dataset.version END
        || ' was read from two files that differ, and both count: ' || overlap.extent
        || '; see slicehouse domains sources, and take one out with slicehouse domains retire.' AS sentence
FROM overlap
INNER JOIN rival ON rival.label_source_id = overlap.first_id
INNER JOIN dataset ON dataset.dataset_id = rival.dataset_id
ORDER BY overlap.first_id, overlap.second_id, overlap.extent;
