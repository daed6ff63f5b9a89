-- Every slice of one patient, in order.
--
-- Grain: one row per slice.
-- Inputs: slice, series, study, patient, dataset
WITH parameter AS (
    SELECT
        CAST(NULL AS text) AS patient_key, -- the patient; NULL for all
        CAST(NULL AS text) AS dataset_name -- only this dataset; NULL for all
)

SELECT
    dataset.name AS dataset_name,
    dataset.version AS dataset_version,
    patient.patient_key,
    study.study_key,
    series.series_key,
    series.variant,
    series.role,
    series.modality,
    slice.slice_index,
    slice.instance_number,
    slice.position_mm,
    slice.rows,
    slice.columns,
    slice.pixel_type,
    slice.minimum,
    slice.maximum,
    slice.mean,
    CAST(slice.slice_id AS text) AS slice_id
FROM parameter
INNER JOIN patient ON parameter.patient_key IS NULL OR patient.patient_key = parameter.patient_key
INNER JOIN dataset
    ON dataset.dataset_id = patient.dataset_id
    AND (parameter.dataset_name IS NULL OR dataset.name = parameter.dataset_name)
INNER JOIN study ON study.patient_id = patient.patient_id
INNER JOIN series ON series.patient_id = study.patient_id AND series.study_id = study.study_id
INNER JOIN slice ON slice.patient_id = series.patient_id AND slice.series_id = series.series_id
ORDER BY
    dataset.name,
    dataset.version,
    patient.patient_key,
    study.study_key,
    series.series_key,
    series.variant,
    slice.slice_index;
