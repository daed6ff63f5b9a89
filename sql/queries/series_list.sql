-- What is stored: every series with its shape, spacing and size.
--
-- Grain: one row per series; byte_count is that of the encoded pixels.
-- Inputs: series, study, patient, dataset, slice, slice_pixels
WITH parameter AS (
    SELECT
        CAST(NULL AS text) AS dataset_name, -- only this dataset; NULL for all
        CAST(NULL AS text) AS patient_key, -- only this patient; NULL for all
        CAST(NULL AS text) AS role -- image, mask, localizer or object; NULL for all
),

size AS (
    SELECT
        slice.patient_id,
        slice.series_id,
        min(slice.rows) AS rows,
        min(slice.columns) AS columns,
        min(slice.pixel_type) AS pixel_type,
        CAST(sum(length(slice_pixels.bytes)) AS bigint) AS byte_count
    FROM slice
    INNER JOIN slice_pixels ON slice_pixels.patient_id = slice.patient_id AND slice_pixels.slice_id = slice.slice_id
    GROUP BY slice.patient_id, slice.series_id
)

SELECT
    dataset.name AS dataset_name,
    dataset.version AS dataset_version,
    patient.patient_key,
    study.study_key,
    series.series_key,
    series.variant,
    series.revision,
    series.role,
    series.modality,
    series.geometry_kind,
    series.ordering_rule,
    series.slice_count,
    size.rows,
    size.columns,
    size.pixel_type,
    series.column_spacing_mm,
    series.row_spacing_mm,
    series.slice_spacing_mm,
    size.byte_count,
    CAST(series.series_id AS text) AS series_id
FROM parameter
INNER JOIN dataset ON parameter.dataset_name IS NULL OR dataset.name = parameter.dataset_name
INNER JOIN patient
    ON patient.dataset_id = dataset.dataset_id
    AND (parameter.patient_key IS NULL OR patient.patient_key = parameter.patient_key)
INNER JOIN series
    ON series.patient_id = patient.patient_id
    AND (parameter.role IS NULL OR series.role = parameter.role)
INNER JOIN study ON study.patient_id = series.patient_id AND study.study_id = series.study_id
LEFT JOIN size ON size.patient_id = series.patient_id AND size.series_id = series.series_id
ORDER BY
    dataset.name,
    dataset.version,
    patient.patient_key,
    study.study_key,
    series.series_key,
    series.variant;
