-- How large each mark is on each slice.
--
-- Grain: one row per annotation that counts × slice; area_mm2 is NULL where the pixel spacing is unknown.
-- Inputs: annotation_mask, annotation_current, slice, series, patient, dataset, label_term
WITH parameter AS (
    SELECT
        CAST(NULL AS text) AS dataset_name, -- only this dataset; NULL for all
        CAST(NULL AS text) AS patient_key, -- only this patient; NULL for all
        CAST(0 AS bigint) AS minimum_voxels -- only marks of at least so many pixels
)

SELECT
    dataset.name AS dataset_name,
    dataset.version AS dataset_version,
    patient.patient_key,
    series.series_key,
    slice.slice_index,
    annotation_current.annotation_key,
    annotation_current.target,
    label_term.name AS term_name,
    annotation_mask.voxel_count,
    annotation_mask.voxel_count * series.column_spacing_mm * series.row_spacing_mm AS area_mm2,
    annotation_mask.first_row,
    annotation_mask.last_row,
    annotation_mask.first_column,
    annotation_mask.last_column,
    annotation_mask.level_count
FROM parameter
INNER JOIN dataset ON parameter.dataset_name IS NULL OR dataset.name = parameter.dataset_name
INNER JOIN patient
    ON patient.dataset_id = dataset.dataset_id
    AND (parameter.patient_key IS NULL OR patient.patient_key = parameter.patient_key)
INNER JOIN annotation_mask
    ON annotation_mask.patient_id = patient.patient_id
    AND annotation_mask.voxel_count >= parameter.minimum_voxels
INNER JOIN annotation_current
    ON annotation_current.patient_id = annotation_mask.patient_id
    AND annotation_current.annotation_id = annotation_mask.annotation_id
INNER JOIN slice
    ON slice.patient_id = annotation_mask.patient_id
    AND slice.slice_id = annotation_mask.slice_id
INNER JOIN series ON series.patient_id = slice.patient_id AND series.series_id = slice.series_id
LEFT JOIN label_term ON label_term.label_term_id = annotation_current.label_term_id
ORDER BY
    dataset.name,
    dataset.version,
    patient.patient_key,
    series.series_key,
    slice.slice_index,
    annotation_current.annotation_key,
    annotation_current.annotation_id;
