-- One source answers one question about one subject twice, and differently: by what the rules in force make of the
-- answers. Two spellings of one answer are one; blank cells, and what a rule drops, are none.
--
-- Grain: one row per source × subject × domain × reader with more than one answer that is not withdrawn.
-- Inputs: label, label_value, label_source, label_domain, label_correction, dataset
WITH repeated AS (
    SELECT DISTINCT patient_id, label_source_id, subject_id, label_domain_id, reader_id
    FROM label
    WHERE occurrence > 0
),

-- A list has several values, each once. CROSS JOIN makes SQLite begin with what is repeated, which is little.
answer_value AS (
    SELECT
        label.patient_id,
        label.series_id,
        label.slice_id,
        label.label_source_id,
        label.label_domain_id,
        label.reader_id,
        label.level,
        label.subject_id,
        label.label_id,
        dense_rank() OVER (
            PARTITION BY
                label.patient_id, label.label_source_id, label.subject_id, label.label_domain_id, label.reader_id
            ORDER BY
                label_value.status, label_value.label_term_id, label_value.number_value, label_value.text_value
        ) AS value_rank
    FROM repeated
    CROSS JOIN label
    INNER JOIN label_source ON label_source.label_source_id = label.label_source_id
    INNER JOIN label_domain ON label_domain.label_domain_id = label.label_domain_id
    CROSS JOIN label_value
    LEFT JOIN label_correction
        ON label_correction.patient_id = label.patient_id
        AND label_correction.label_source_id = label.label_source_id
        AND label_correction.label_id = label.label_id
    WHERE
        label.patient_id = repeated.patient_id
        AND label.label_source_id = repeated.label_source_id
        AND label.subject_id = repeated.subject_id
        AND label.label_domain_id = repeated.label_domain_id
        AND label.reader_id = repeated.reader_id
        AND label_source.is_active
        AND label_value.patient_id = label.patient_id
        AND label_value.label_source_id = label.label_source_id
        AND label_value.label_id = label.label_id
        AND label_value.label_ruleset_id = label_domain.current_ruleset_id
        AND label_value.status IN ('clean', 'quarantined')
        AND label_correction.label_id IS NULL
),

-- Equal values have equal ranks, and equal lists, in whatever order, equal sums of them. Lists of less than five values
-- that differ have others.
answer AS (
    SELECT
        patient_id,
        series_id,
        slice_id,
        label_source_id,
        label_domain_id,
        reader_id,
        level,
        subject_id,
        label_id,
        count(*) AS value_count,
        min(value_rank) AS first_rank,
        max(value_rank) AS last_rank,
        sum(value_rank) AS rank_sum,
        sum(value_rank * value_rank) AS square_sum
    FROM answer_value
    GROUP BY
        patient_id, series_id, slice_id, label_source_id, label_domain_id, reader_id, level, subject_id, label_id
),

different_answer AS (
    SELECT DISTINCT
        patient_id,
        series_id,
        slice_id,
        label_source_id,
        label_domain_id,
        reader_id,
        level,
        subject_id,
        value_count,
        first_rank,
        last_rank,
        rank_sum,
        square_sum
    FROM answer
),

several AS (
    SELECT
        patient_id,
        series_id,
        slice_id,
        label_source_id,
        label_domain_id,
        reader_id,
        level,
        subject_id,
        count(*) AS answer_count
    FROM different_answer
    GROUP BY patient_id, series_id, slice_id, label_source_id, label_domain_id, reader_id, level, subject_id
    HAVING count(*) > 1
)

SELECT
    several.patient_id,
    several.series_id,
    several.slice_id,
    several.label_source_id,
    several.label_domain_id,
    several.reader_id,
    several.level,
    several.subject_id,
    several.answer_count,
    'The source ' || label_source.name || ' of ' || dataset.name
        || CASE WHEN dataset.version = '' THEN '' ELSE '@' || dataset.version END
        || ' gives ' || CAST(several.answer_count AS text) || ' different answers to ' || label_domain.name || ' for this '
        || several.level || ', and none is withdrawn; take the wrong ones out with slicehouse domains correct '
        || label_domain.name || ' --withdraw, which names them with their values.' AS note
FROM several
INNER JOIN label_source ON label_source.label_source_id = several.label_source_id
INNER JOIN dataset ON dataset.dataset_id = label_source.dataset_id
INNER JOIN label_domain ON label_domain.label_domain_id = several.label_domain_id
ORDER BY
    several.patient_id, several.label_source_id, several.label_domain_id, several.subject_id, several.reader_id;
