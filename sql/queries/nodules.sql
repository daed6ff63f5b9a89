-- Nodules that several readers agree on, by malignancy and diameter.
--
-- Grain: one row per nodule: consensus annotation (LIDC-IDRI) or nodule of a reference standard (LUNA16), largest
-- first. Two tables that count may list the same nodule: marks of one series and different sources are one where no
-- coordinate of their centres differs by more than a quarter of the smaller diameter. The one whose malignancy is known
-- is shown. A consensus of more readings than there were readers (is_ambiguous = 1) is of neighbours that grouping
-- cannot part: its diameter and malignancy are of several nodules.
-- Inputs: annotation_current, annotation_member, label_source, dataset, patient, series, label_current, label_domain
-- Reference: Stevens, Antiga, Viehmann, "Deep Learning with PyTorch" (2020), chapter 10, for the quarter of a diameter
WITH parameter AS (
    SELECT
        CAST(NULL AS text) AS dataset_name, -- only this dataset; NULL for all
        CAST(NULL AS text) AS rule, -- domain that says what is malignant; NULL for malignancy_median, else another one
        CAST(NULL AS text) AS term, -- only this answer, such as malignant; NULL for all
        CAST(0 AS double precision) AS least_diameter_mm, -- only from this diameter
        CAST(1 AS bigint) AS least_readings -- only nodules that so many readings marked
),

reading AS (
    SELECT
        annotation_member.patient_id,
        annotation_member.annotation_id,
        count(*) AS reading_count
    FROM annotation_member
    GROUP BY annotation_member.patient_id, annotation_member.annotation_id
),

malignancy_rule AS MATERIALIZED (
    SELECT label_domain.label_domain_id
    FROM parameter
    CROSS JOIN label_domain
    WHERE
        label_domain.name = parameter.rule
        OR (parameter.rule IS NULL AND label_domain.family = 'malignancy')
),

-- By the index of the domain, which CROSS JOIN makes SQLite use: labels of candidates are many.
ranked_answer AS (
    SELECT
        label_current.patient_id,
        label_current.annotation_id,
        label_current.domain_name,
        label_current.term_name,
        row_number() OVER (
            PARTITION BY label_current.patient_id, label_current.annotation_id
            ORDER BY
                CASE label_current.domain_name WHEN 'malignancy_median' THEN 0 ELSE 1 END,
                label_current.domain_name,
                label_current.label_id,
                label_current.value_ordinal
        ) AS place
    FROM malignancy_rule
    CROSS JOIN label_current
    WHERE
        label_current.label_domain_id = malignancy_rule.label_domain_id
        AND label_current.level = 'annotation'
        AND label_current.status = 'clean'
),

answer AS (
    SELECT patient_id, annotation_id, domain_name, term_name
    FROM ranked_answer
    WHERE place = 1
),

nodule AS MATERIALIZED (
    SELECT
        dataset.name AS dataset_name,
        label_source.name AS label_source_name,
        annotation_current.patient_id,
        annotation_current.series_id,
        annotation_current.annotation_id,
        annotation_current.label_source_id,
        annotation_current.diameter_mm,
        annotation_current.volume_mm3,
        annotation_current.centre_x_mm,
        annotation_current.centre_y_mm,
        annotation_current.centre_z_mm,
        CASE
            WHEN CAST(annotation_current.rule AS text) LIKE '%"ambiguous":true%' THEN 1
            WHEN CAST(annotation_current.rule AS text) LIKE '%"ambiguous": true%' THEN 1
            ELSE 0
        END AS is_ambiguous,
        answer.term_name,
        answer.domain_name,
        CASE WHEN answer.term_name IS NULL THEN 0 ELSE 1 END AS is_answered
    FROM parameter
    INNER JOIN dataset ON parameter.dataset_name IS NULL OR dataset.name = parameter.dataset_name
    INNER JOIN label_source ON label_source.dataset_id = dataset.dataset_id
    INNER JOIN annotation_current ON annotation_current.label_source_id = label_source.label_source_id
    LEFT JOIN answer
        ON answer.patient_id = annotation_current.patient_id
        AND answer.annotation_id = annotation_current.annotation_id
    WHERE annotation_current.target = 'nodule' AND annotation_current.kind <> 'contour'
),

close_pair AS (
    SELECT
        other.patient_id,
        other.annotation_id,
        abs(other.centre_x_mm - shown.centre_x_mm) AS x_mm,
        abs(other.centre_y_mm - shown.centre_y_mm) AS y_mm,
        abs(other.centre_z_mm - shown.centre_z_mm) AS z_mm,
        CASE
            WHEN other.diameter_mm < shown.diameter_mm THEN other.diameter_mm / 4 ELSE shown.diameter_mm / 4
        END AS tolerance_mm
    FROM nodule AS other
    INNER JOIN nodule AS shown
        ON shown.patient_id = other.patient_id
        AND shown.series_id = other.series_id
        AND shown.label_source_id <> other.label_source_id
        AND (
            shown.is_answered > other.is_answered
            OR (shown.is_answered = other.is_answered AND shown.annotation_id < other.annotation_id)
        )
),

repeated AS (
    SELECT DISTINCT patient_id, annotation_id
    FROM close_pair
    WHERE
        x_mm <= tolerance_mm
        AND y_mm <= tolerance_mm
        AND z_mm <= tolerance_mm
)

SELECT
    nodule.dataset_name,
    patient.patient_key,
    series.series_key,
    nodule.label_source_name,
    nodule.term_name AS malignancy,
    nodule.domain_name AS malignancy_rule,
    nodule.diameter_mm,
    nodule.volume_mm3,
    coalesce(reading.reading_count, 1) AS reading_count,
    nodule.is_ambiguous,
    nodule.centre_x_mm,
    nodule.centre_y_mm,
    nodule.centre_z_mm
FROM parameter
CROSS JOIN nodule
INNER JOIN patient ON patient.patient_id = nodule.patient_id
INNER JOIN series ON series.patient_id = nodule.patient_id AND series.series_id = nodule.series_id
LEFT JOIN reading
    ON reading.patient_id = nodule.patient_id
    AND reading.annotation_id = nodule.annotation_id
LEFT JOIN repeated
    ON repeated.patient_id = nodule.patient_id
    AND repeated.annotation_id = nodule.annotation_id
WHERE
    repeated.annotation_id IS NULL
    AND (parameter.term IS NULL OR nodule.term_name = parameter.term)
    AND coalesce(nodule.diameter_mm, 0) >= parameter.least_diameter_mm
    AND coalesce(reading.reading_count, 1) >= parameter.least_readings
ORDER BY nodule.diameter_mm DESC NULLS LAST, nodule.patient_id, nodule.annotation_id;
