-- How far two sources of one graded question agree: quadratic weighted kappa and accuracy, beside the majority class.
--
-- Grain: one row. Subjects that both sources grade; kappa is NULL where all grades of both are one class.
-- Inputs: label_current, label_term
-- Reference: Cohen, "Weighted kappa", Psychological Bulletin 70 (1968); weights (i - j)² / (N - 1)².
WITH parameter AS (
    SELECT
        CAST('retinopathy_level' AS text) AS domain_name, -- question, with ordered answers
        CAST('trainLabels' AS text) AS first_source, -- label source taken as the truth
        CAST('trainLabels' AS text) AS second_source -- label source that is compared
),

grade AS (
    SELECT
        label_current.label_source_name,
        label_current.subject_id,
        label_current.patient_id,
        label_current.term_ordinal
    FROM parameter
    INNER JOIN label_current ON label_current.domain_name = parameter.domain_name
    WHERE label_current.status = 'clean' AND label_current.term_ordinal IS NOT NULL
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
    total.agreeing / CAST(total.subjects AS double precision) AS accuracy,
    (SELECT max(first_margin.subjects) FROM first_margin) / total.subjects AS majority_accuracy,
    CASE
        WHEN expected.weighted > 0 THEN 1 - total.observed * total.subjects / expected.weighted
    END AS quadratic_weighted_kappa
FROM total
CROSS JOIN expected
WHERE total.subjects > 0;
