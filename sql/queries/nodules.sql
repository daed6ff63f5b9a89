-- Nodules that several readers agree on, by malignancy and diameter.
--
-- Grain: one row per consensus annotation (LIDC-IDRI) or nodule of a reference standard (LUNA16), largest first.
-- Inputs: annotation, annotation_member, label_source, dataset, patient, series, label_current
WITH parameter AS (
    SELECT
        CAST(NULL AS text) AS dataset_name, -- only this dataset; NULL for all
        CAST('malignancy_median' AS text) AS rule, -- domain that says what is malignant
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

answer AS (
    SELECT
        label_current.patient_id,
        label_current.annotation_id,
        label_current.term_name
    FROM parameter
    INNER JOIN label_current ON label_current.domain_name = parameter.rule
    WHERE label_current.level = 'annotation' AND label_current.status = 'clean'
)

SELECT
    dataset.name AS dataset_name,
    patient.patient_key,
    series.series_key,
    label_source.name AS label_source_name,
    answer.term_name AS malignancy,
    annotation.diameter_mm,
    annotation.volume_mm3,
    coalesce(reading.reading_count, 1) AS reading_count,
    annotation.centre_x_mm,
    annotation.centre_y_mm,
    annotation.centre_z_mm
FROM parameter
INNER JOIN dataset ON parameter.dataset_name IS NULL OR dataset.name = parameter.dataset_name
INNER JOIN label_source ON label_source.dataset_id = dataset.dataset_id AND label_source.is_active
INNER JOIN annotation ON annotation.label_source_id = label_source.label_source_id
INNER JOIN patient ON patient.patient_id = annotation.patient_id
INNER JOIN series ON series.patient_id = annotation.patient_id AND series.series_id = annotation.series_id
LEFT JOIN reading
    ON reading.patient_id = annotation.patient_id
    AND reading.annotation_id = annotation.annotation_id
LEFT JOIN answer
    ON answer.patient_id = annotation.patient_id
    AND answer.annotation_id = annotation.annotation_id
WHERE
    annotation.target = 'nodule'
    AND annotation.kind <> 'contour'
    AND (parameter.term IS NULL OR answer.term_name = parameter.term)
    AND coalesce(annotation.diameter_mm, 0) >= parameter.least_diameter_mm
    AND coalesce(reading.reading_count, 1) >= parameter.least_readings
ORDER BY annotation.diameter_mm DESC NULLS LAST, annotation.patient_id, annotation.annotation_id;
