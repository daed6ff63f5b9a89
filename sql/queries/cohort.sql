-- Slices with a finding and the size of what is marked on them: who is in a cohort, whatever the dataset.
--
-- Grain: one row per slice that a source labels with the term × drawing: who marked what in which mask or file of marks.
-- Sizes of several targets, readers or drawings are never added, since they may mark the same pixels; parts of one
-- drawing (several lesions) are. A slice with two answers (see several_answers) is in the cohort of each. A slice
-- without a mark of the target and reader has one row, of 0 marked voxels.
-- Inputs: label_current, dataset, patient, series, slice, annotation_mask, annotation_current, reader, label_source
WITH parameter AS (
    SELECT
        CAST('epidural' AS text) AS domain_name, -- question
        CAST('present' AS text) AS term_name, -- answer
        CAST(NULL AS text) AS dataset_name, -- only this dataset; NULL for all
        CAST('haemorrhage' AS text) AS target, -- only marks of this; NULL for all, each in a row of its own
        CAST(NULL AS text) AS reader, -- only marks by this reader; NULL for all, each in a row of its own
        CAST(0 AS bigint) AS least_voxels, -- only slices with so many voxels marked in one drawing
        CAST(NULL AS bigint) AS most_voxels -- only slices with at most so many; NULL for any
),

-- Several readers may give the answer.
labelled AS MATERIALIZED (
    SELECT DISTINCT
        label_current.dataset_name,
        label_current.dataset_version,
        label_current.patient_id,
        label_current.slice_id,
        label_current.label_source_name
    FROM parameter
    INNER JOIN label_current
        ON label_current.domain_name = parameter.domain_name
        AND label_current.term_name = parameter.term_name
        AND (parameter.dataset_name IS NULL OR label_current.dataset_name = parameter.dataset_name)
    WHERE label_current.level = 'slice' AND label_current.status = 'clean'
),

-- By the index of the slice, which CROSS JOIN makes SQLite use: marks of other slices may be millions.
marked AS (
    SELECT
        slice_with.patient_id,
        slice_with.slice_id,
        annotation_current.target,
        reader.reader_key,
        COALESCE(label_source.name, mask_series.series_key) AS drawing,
        sum(annotation_mask.voxel_count) AS voxels
    FROM (SELECT DISTINCT labelled.patient_id, labelled.slice_id FROM labelled) AS slice_with
    CROSS JOIN parameter
    CROSS JOIN annotation_mask
    CROSS JOIN annotation_current
    LEFT JOIN reader ON reader.reader_id = annotation_current.reader_id
    LEFT JOIN label_source ON label_source.label_source_id = annotation_current.label_source_id
    LEFT JOIN series AS mask_series
        ON mask_series.patient_id = annotation_current.patient_id
        AND mask_series.series_id = annotation_current.mask_series_id
    WHERE
        annotation_mask.patient_id = slice_with.patient_id
        AND annotation_mask.slice_id = slice_with.slice_id
        AND annotation_current.patient_id = annotation_mask.patient_id
        AND annotation_current.annotation_id = annotation_mask.annotation_id
        AND (parameter.target IS NULL OR annotation_current.target = parameter.target)
        AND (parameter.reader IS NULL OR reader.reader_key = parameter.reader)
    GROUP BY
        slice_with.patient_id,
        slice_with.slice_id,
        annotation_current.target,
        reader.reader_key,
        annotation_current.label_source_id,
        label_source.name,
        annotation_current.mask_series_id,
        mask_series.series_key
)

SELECT
    labelled.dataset_name,
    labelled.dataset_version,
    patient.patient_key,
    series.series_key,
    slice.slice_index,
    labelled.label_source_name,
    marked.target,
    marked.reader_key AS reader,
    marked.drawing,
    CAST(coalesce(marked.voxels, 0) AS bigint) AS marked_voxels
FROM parameter
CROSS JOIN labelled
INNER JOIN patient ON patient.patient_id = labelled.patient_id
INNER JOIN slice ON slice.patient_id = labelled.patient_id AND slice.slice_id = labelled.slice_id
INNER JOIN series ON series.patient_id = slice.patient_id AND series.series_id = slice.series_id
LEFT JOIN marked ON marked.patient_id = labelled.patient_id AND marked.slice_id = labelled.slice_id
WHERE
    coalesce(marked.voxels, 0) >= parameter.least_voxels
    AND (parameter.most_voxels IS NULL OR coalesce(marked.voxels, 0) <= parameter.most_voxels)
ORDER BY
    labelled.dataset_name,
    labelled.dataset_version,
    patient.patient_key,
    series.series_key,
    slice.slice_index,
    labelled.label_source_name,
    marked.target NULLS FIRST,
    marked.reader_key NULLS FIRST,
    marked.drawing NULLS FIRST,
    marked.voxels;
