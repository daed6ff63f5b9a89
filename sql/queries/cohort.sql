-- Slices with a finding and the size of what is marked on them: who is in a cohort, whatever the dataset.
--
-- Grain: one row per slice that is labelled with the term; marked_voxels is 0 where nobody marked anything.
-- Inputs: label_current, patient, series, slice, annotation_mask
WITH parameter AS (
    SELECT
        CAST('epidural' AS text) AS domain_name, -- question
        CAST('present' AS text) AS term_name, -- answer
        CAST(NULL AS text) AS dataset_name, -- only this dataset; NULL for all
        CAST(0 AS bigint) AS least_voxels, -- only slices with so many marked voxels
        CAST(NULL AS bigint) AS most_voxels -- only slices with at most so many; NULL for any
),

marked AS (
    SELECT
        annotation_mask.patient_id,
        annotation_mask.slice_id,
        sum(annotation_mask.voxel_count) AS voxels
    FROM annotation_mask
    GROUP BY annotation_mask.patient_id, annotation_mask.slice_id
)

SELECT
    label_current.dataset_name,
    label_current.dataset_version,
    patient.patient_key,
    series.series_key,
    slice.slice_index,
    label_current.label_source_name,
    coalesce(marked.voxels, 0) AS marked_voxels
FROM parameter
INNER JOIN label_current
    ON label_current.domain_name = parameter.domain_name
    AND label_current.term_name = parameter.term_name
    AND (parameter.dataset_name IS NULL OR label_current.dataset_name = parameter.dataset_name)
INNER JOIN patient ON patient.patient_id = label_current.patient_id
INNER JOIN slice ON slice.patient_id = label_current.patient_id AND slice.slice_id = label_current.slice_id
INNER JOIN series ON series.patient_id = slice.patient_id AND series.series_id = slice.series_id
LEFT JOIN marked ON marked.patient_id = slice.patient_id AND marked.slice_id = slice.slice_id
WHERE
    label_current.level = 'slice'
    AND label_current.status = 'clean'
    AND coalesce(marked.voxels, 0) >= parameter.least_voxels
    AND (parameter.most_voxels IS NULL OR coalesce(marked.voxels, 0) <= parameter.most_voxels)
ORDER BY
    label_current.dataset_name,
    label_current.dataset_version,
    patient.patient_key,
    series.series_key,
    slice.slice_index,
    label_current.label_source_name;
