-- One question about one subject is answered by one table of a reader, and a series is marked by one file of a table.
--
-- Grain: one row per pair of files in force that breaks it: of one dataset, with other content, under one name or (of
-- tables of labels) two. Other readers may answer the same question. What waits for its images counts as it will when
-- they are there.
-- Inputs: label_source, dataset, patient, label, label_unresolved, annotation, annotation_unresolved
WITH same_name AS MATERIALIZED (
    SELECT first.label_source_id AS first_id, second.label_source_id AS second_id
    FROM label_source AS first
    INNER JOIN label_source AS second
        ON second.dataset_id = first.dataset_id
        AND second.name = first.name
        AND second.label_source_id > first.label_source_id
    WHERE
        first.is_active
        AND second.is_active
        AND first.sha256 IS NOT NULL
        AND second.sha256 IS NOT NULL
),

beside_other AS MATERIALIZED (
    SELECT label_source.label_source_id, label_source.dataset_id, label_source.name
    FROM label_source
    WHERE
        label_source.is_active
        AND label_source.kind = 'csv'
        AND EXISTS (
            SELECT 1
            FROM label_source AS other
            WHERE
                other.dataset_id = label_source.dataset_id
                AND other.name <> label_source.name
                AND other.kind = 'csv'
                AND other.is_active
        )
),

-- What a table asks is taken from one subject of each patient: its labels may be millions.
first_subject AS MATERIALIZED (
    SELECT
        patient.patient_id,
        beside_other.label_source_id,
        (
            SELECT min(label.subject_id)
            FROM label
            WHERE
                label.patient_id = patient.patient_id
                AND label.label_source_id = beside_other.label_source_id
        ) AS subject_id
    FROM beside_other
    INNER JOIN patient ON patient.dataset_id = beside_other.dataset_id
),

-- Marks are objects of their own, so that two tables never speak of one.
question AS MATERIALIZED (
    SELECT label.label_source_id, label.level, label.label_domain_id, label.reader_id
    FROM first_subject
    CROSS JOIN label
    WHERE
        label.patient_id = first_subject.patient_id
        AND label.label_source_id = first_subject.label_source_id
        AND label.subject_id = first_subject.subject_id
        AND label.level <> 'annotation'
    UNION
    SELECT
        label_unresolved.label_source_id,
        label_unresolved.level,
        label_unresolved.label_domain_id,
        label_unresolved.reader_id
    FROM beside_other
    CROSS JOIN label_unresolved
    WHERE label_unresolved.label_source_id = beside_other.label_source_id
),

rival_pair AS MATERIALIZED (
    SELECT first_id, second_id
    FROM same_name
    UNION ALL
    SELECT DISTINCT first.label_source_id, second.label_source_id
    FROM beside_other AS first
    INNER JOIN beside_other AS second
        ON second.dataset_id = first.dataset_id
        AND second.name <> first.name
        AND second.label_source_id > first.label_source_id
    INNER JOIN question AS first_question ON first_question.label_source_id = first.label_source_id
    INNER JOIN question AS second_question
        ON second_question.label_source_id = second.label_source_id
        AND second_question.level = first_question.level
        AND second_question.label_domain_id = first_question.label_domain_id
        AND second_question.reader_id = first_question.reader_id
),

rival AS MATERIALIZED (
    SELECT label_source.label_source_id, label_source.dataset_id, label_source.name
    FROM label_source
    WHERE
        label_source.label_source_id IN (SELECT first_id FROM rival_pair)
        OR label_source.label_source_id IN (SELECT second_id FROM rival_pair)
),

-- Labels may be millions: they are not looked at where there are no rivals (CROSS JOIN keeps the order in SQLite).
any_rival AS (
    SELECT 1 AS one
    FROM rival
    LIMIT 1
),

holder AS MATERIALIZED (
    SELECT DISTINCT label.patient_id, rival.label_source_id
    FROM any_rival
    CROSS JOIN label
    CROSS JOIN rival
    WHERE rival.label_source_id = label.label_source_id
),

pair AS MATERIALIZED (
    SELECT first.patient_id, rival_pair.first_id, rival_pair.second_id
    FROM rival_pair
    INNER JOIN holder AS first ON first.label_source_id = rival_pair.first_id
    INNER JOIN holder AS second
        ON second.label_source_id = rival_pair.second_id
        AND second.patient_id = first.patient_id
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

waiting_side AS MATERIALIZED (
    SELECT rival_pair.first_id, rival_pair.second_id, rival.label_source_id
    FROM rival_pair
    INNER JOIN rival ON rival.label_source_id IN (rival_pair.first_id, rival_pair.second_id)
    WHERE
        EXISTS (SELECT 1 FROM label_unresolved WHERE label_unresolved.label_source_id = rival_pair.first_id)
        AND EXISTS (SELECT 1 FROM label_unresolved WHERE label_unresolved.label_source_id = rival_pair.second_id)
),

-- Keys of images may be NULL, and no index has them all: both files are sorted together, which takes n log n. A file
-- answers a question once, so that two answers are one of either.
waiting_question AS (
    SELECT
        waiting_side.first_id,
        waiting_side.second_id,
        CASE WHEN min(label_unresolved.raw_value) = max(label_unresolved.raw_value) THEN 0 ELSE 1 END AS is_different
    FROM waiting_side
    CROSS JOIN label_unresolved
    WHERE label_unresolved.label_source_id = waiting_side.label_source_id
    GROUP BY
        label_unresolved.sop_instance_uid,
        label_unresolved.label_domain_id,
        label_unresolved.instance_number,
        label_unresolved.patient_key,
        label_unresolved.study_key,
        label_unresolved.series_key,
        label_unresolved.level,
        label_unresolved.reader_id,
        label_unresolved.occurrence,
        waiting_side.first_id,
        waiting_side.second_id
    HAVING count(*) = 2
),

asked AS (
    SELECT first_id, second_id, sum(answer_count) AS answer_count, sum(different_count) AS different_count
    FROM (
        SELECT first_id, second_id, answer_count, different_count
        FROM answered
        UNION ALL
        SELECT first_id, second_id, count(*) AS answer_count, sum(is_different) AS different_count
        FROM waiting_question
        GROUP BY first_id, second_id
    ) AS part
    GROUP BY first_id, second_id
),

-- Tables of other names mark other things in one series: nodules, and candidates for them.
marker AS MATERIALIZED (
    SELECT DISTINCT annotation.patient_id, annotation.series_id, annotation.label_source_id
    FROM rival
    CROSS JOIN annotation
    WHERE
        annotation.label_source_id = rival.label_source_id
        AND (
            rival.label_source_id IN (SELECT first_id FROM same_name)
            OR rival.label_source_id IN (SELECT second_id FROM same_name)
        )
),

marked AS (
    SELECT same_name.first_id, same_name.second_id, count(*) AS series_count
    FROM same_name
    INNER JOIN marker AS first ON first.label_source_id = same_name.first_id
    INNER JOIN marker AS second
        ON second.label_source_id = same_name.second_id
        AND second.patient_id = first.patient_id
        AND second.series_id = first.series_id
    GROUP BY same_name.first_id, same_name.second_id
    UNION ALL
    -- A series of which only slices are absent has its annotations already.
    SELECT same_name.first_id, same_name.second_id, count(*)
    FROM same_name
    CROSS JOIN annotation_unresolved AS first
    CROSS JOIN annotation_unresolved AS second
    WHERE
        first.label_source_id = same_name.first_id
        AND second.label_source_id = same_name.second_id
        AND second.series_key = first.series_key
        AND first.reason = 'series_absent'
        AND second.reason = 'series_absent'
    GROUP BY same_name.first_id, same_name.second_id
),

overlap AS (
    SELECT
        first_id,
        second_id,
        CAST(answer_count AS text) || ' questions are answered by both, '
            || CAST(different_count AS text) || ' of them differently' AS extent
    FROM asked
    UNION ALL
    SELECT first_id, second_id, CAST(sum(series_count) AS text) || ' series are marked by both'
    FROM marked
    GROUP BY first_id, second_id
)

SELECT
    first.dataset_id,
    overlap.first_id AS label_source_id,
    overlap.second_id AS other_label_source_id,
    CASE
        WHEN second.name = first.name THEN
            'The table ' || first.name || ' of ' || dataset.name
            || CASE WHEN dataset.version = '' THEN '' ELSE '@' || dataset.version END
            || ' was read from two files that differ, and both count: '
        ELSE
            'The tables ' || CASE WHEN first.name < second.name THEN first.name ELSE second.name END
            || ' and ' || CASE WHEN first.name < second.name THEN second.name ELSE first.name END
            || ' of ' || dataset.name
            || CASE WHEN dataset.version = '' THEN '' ELSE '@' || dataset.version END
            || ' answer the same questions, and both count: '
    END || overlap.extent
        || '; see slicehouse domains sources, and take one out with slicehouse domains retire.' AS sentence
FROM overlap
INNER JOIN rival AS first ON first.label_source_id = overlap.first_id
INNER JOIN rival AS second ON second.label_source_id = overlap.second_id
INNER JOIN dataset ON dataset.dataset_id = first.dataset_id
ORDER BY overlap.first_id, overlap.second_id, overlap.extent;
