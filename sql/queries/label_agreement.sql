-- How far two sources of one graded question agree: quadratic weighted kappa and accuracy, beside the majority class.
--
-- Grain: one row, over the subjects that both sources grade; kappa is NULL where all grades of both are one class. A
-- source that no label counts of (misspelt, retired) has 0 subjects. What a person corrected is a grade of the source
-- that was corrected. Files of one name are one source; a subject to which one source gives several grades is left out.
-- Inputs: label_current, label_correction, label_source
-- Reference: Cohen, "Weighted kappa", Psychological Bulletin 70 (1968); weights (i - j)² / (N - 1)².
WITH RECURSIVE parameter AS (
    SELECT
        CAST('retinopathy_level' AS text) AS domain_name, -- question, with ordered answers
        CAST('trainLabels' AS text) AS first_source, -- label source taken as the truth
        CAST('trainLabels' AS text) AS second_source -- label source that is compared
),

-- A correction may have been corrected itself.
correction (patient_id, label_source_id, label_id, corrected_source_id, corrected_label_id) AS (
    SELECT
        label_correction.patient_id,
        label_correction.replacement_label_source_id,
        label_correction.replacement_label_id,
        label_correction.label_source_id,
        label_correction.label_id
    FROM label_correction
    WHERE label_correction.replacement_label_id IS NOT NULL
    UNION
    SELECT
        correction.patient_id,
        correction.label_source_id,
        correction.label_id,
        label_correction.label_source_id,
        label_correction.label_id
    FROM correction
    INNER JOIN label_correction
        ON label_correction.patient_id = correction.patient_id
        AND label_correction.replacement_label_source_id = correction.corrected_source_id
        AND label_correction.replacement_label_id = correction.corrected_label_id
),

standing AS MATERIALIZED (
    SELECT
        label_current.label_source_id,
        label_current.label_source_name,
        label_current.label_id,
        label_current.patient_id,
        label_current.subject_id,
        label_current.term_ordinal
    FROM parameter
    INNER JOIN label_current ON label_current.domain_name = parameter.domain_name
    WHERE label_current.status = 'clean' AND label_current.term_ordinal IS NOT NULL
),

answer AS (
    SELECT label_source_name, patient_id, subject_id, term_ordinal
    FROM standing
    UNION ALL
    SELECT label_source.name, standing.patient_id, standing.subject_id, standing.term_ordinal
    FROM correction
    INNER JOIN standing
        ON standing.patient_id = correction.patient_id
        AND standing.label_source_id = correction.label_source_id
        AND standing.label_id = correction.label_id
    INNER JOIN label_source
        ON label_source.label_source_id = correction.corrected_source_id
        AND label_source.is_active
        AND label_source.name <> standing.label_source_name
),

grade AS MATERIALIZED (
    SELECT
        answer.label_source_name,
        answer.patient_id,
        answer.subject_id,
        min(answer.term_ordinal) AS term_ordinal,
        CASE WHEN min(answer.term_ordinal) = max(answer.term_ordinal) THEN 1 ELSE 0 END AS is_one
    FROM parameter
    INNER JOIN answer ON answer.label_source_name IN (parameter.first_source, parameter.second_source)
    GROUP BY answer.label_source_name, answer.patient_id, answer.subject_id
),

graded AS (
    SELECT
        count(DISTINCT CASE WHEN grade.label_source_name = parameter.first_source THEN grade.subject_id END)
            AS first_subjects,
        count(DISTINCT CASE WHEN grade.label_source_name = parameter.second_source THEN grade.subject_id END)
            AS second_subjects,
        count(DISTINCT CASE WHEN grade.is_one = 0 THEN grade.subject_id END) AS undecided_subjects
    FROM parameter
    CROSS JOIN grade
),

pair AS (
    SELECT
        first.term_ordinal AS first_grade,
        second.term_ordinal AS second_grade
    FROM parameter
    INNER JOIN grade AS first ON first.label_source_name = parameter.first_source
    INNER JOIN grade AS second
        ON second.label_source_name = parameter.second_source
        AND second.patient_id = first.patient_id
        AND second.subject_id = first.subject_id
    WHERE first.is_one = 1 AND second.is_one = 1
),

first_margin AS (
    SELECT
        pair.first_grade AS grade,
        CAST(count(*) AS double precision) AS subjects
    FROM pair
    GROUP BY pair.first_grade
),

second_margin AS (
    SELECT
        pair.second_grade AS grade,
        CAST(count(*) AS double precision) AS subjects
    FROM pair
    GROUP BY pair.second_grade
),

total AS (
    SELECT
        count(*) AS subjects,
        sum(CASE WHEN pair.first_grade = pair.second_grade THEN 1 ELSE 0 END) AS agreeing,
        CAST(
            sum((pair.first_grade - pair.second_grade) * (pair.first_grade - pair.second_grade)) AS double precision
        ) AS observed
    FROM pair
),

expected AS (
    SELECT
        sum(
            first_margin.subjects * second_margin.subjects
            * (first_margin.grade - second_margin.grade) * (first_margin.grade - second_margin.grade)
        ) AS weighted
    FROM first_margin
    CROSS JOIN second_margin
)

SELECT
    total.subjects,
    total.agreeing / NULLIF(CAST(total.subjects AS double precision), 0) AS accuracy,
    (SELECT max(first_margin.subjects) FROM first_margin) / NULLIF(total.subjects, 0) AS majority_accuracy,
    CASE
        WHEN expected.weighted > 0 THEN 1 - total.observed * total.subjects / expected.weighted
    END AS quadratic_weighted_kappa,
    graded.first_subjects,
    graded.second_subjects,
    graded.undecided_subjects
FROM total
CROSS JOIN expected
CROSS JOIN graded;
