-- Where labels and marks come from, which of these sources count, and who took others out.
--
-- Grain: one row per source: a file, the headers of a dataset, corrections by hand. Folder and file are as stored:
-- tokens where the data is clinical. State: counts; retired (by a person); superseded (a corrected file has taken its
-- place).
-- Segmentations, structure sets and volumes of --masks-for are sources too, of kind mask: by the id of their series.
-- Inputs: label_source, label_source_retirement, dataset, source_file, label, label_unresolved, annotation,
-- annotation_unresolved, series, reader, patient, slice, slice_source, series_source
WITH parameter AS (
    SELECT
        CAST(NULL AS text) AS dataset_name, -- only this dataset, name or name@version; NULL for all
        CAST(NULL AS text) AS source -- only this source, name or id; NULL for all
),

chosen AS MATERIALIZED (
    SELECT
        label_source.label_source_id,
        label_source.name,
        CASE
            WHEN label_source.kind = 'manual' AND label_source.name LIKE 'mask %' THEN 'mask'
            ELSE label_source.kind
        END AS kind,
        label_source.is_active,
        label_source.source_file_id,
        CASE WHEN dataset.version = '' THEN dataset.name ELSE dataset.name || '@' || dataset.version END AS dataset
    FROM parameter
    INNER JOIN dataset
        ON parameter.dataset_name IS NULL
        OR parameter.dataset_name IN (dataset.name, dataset.name || '@' || dataset.version)
    INNER JOIN label_source
        ON label_source.dataset_id = dataset.dataset_id
        AND (
            parameter.source IS NULL
            OR parameter.source IN (label_source.name, CAST(label_source.label_source_id AS text))
        )
),

labelled AS (
    SELECT label_source_id, count(*) AS label_count
    FROM label
    GROUP BY label_source_id
),

marked AS (
    SELECT label_source_id, count(*) AS mark_count
    FROM annotation
    WHERE label_source_id IS NOT NULL
    GROUP BY label_source_id
),

waiting AS (
    SELECT label_source_id, CAST(sum(waiting_count) AS bigint) AS waiting_count
    FROM (
        SELECT label_source_id, count(*) AS waiting_count
        FROM label_unresolved
        GROUP BY label_source_id
        UNION ALL
        SELECT label_source_id, sum(mark_count)
        FROM annotation_unresolved
        WHERE reason = 'series_absent'
        GROUP BY label_source_id
    ) AS part
    GROUP BY label_source_id
),

-- Masks that no person took out and no other took the place of have no row in label_source.
own_mark AS (
    SELECT annotation.patient_id, annotation.mask_series_id AS series_id, annotation.annotation_id
    FROM annotation
    WHERE
        annotation.label_source_id IS NULL
        AND annotation.mask_series_id IS NOT NULL
        AND (CAST(annotation.rule AS text) LIKE '%"dicom_segmentation"%'
            OR CAST(annotation.rule AS text) LIKE '%"volume_mask"%')
    UNION ALL
    SELECT annotation.patient_id, series.series_id, annotation.annotation_id
    FROM series
    INNER JOIN annotation ON annotation.patient_id = series.patient_id
    INNER JOIN reader
        ON reader.reader_id = annotation.reader_id
        AND reader.reader_key IN ('maker:' || series.series_key, 'algorithm:' || series.series_key)
    WHERE
        series.role = 'object'
        AND series.variant = 0
        AND annotation.label_source_id IS NULL
        AND CAST(annotation.rule AS text) LIKE '%"rt_structure_set"%'
),

mask AS (
    SELECT patient_id, series_id, count(*) AS mark_count
    FROM own_mark
    GROUP BY patient_id, series_id
),

mask_file AS (
    SELECT patient_id, series_id, min(source_file_id) AS source_file_id
    FROM (
        SELECT mask.patient_id, mask.series_id, slice_source.source_file_id
        FROM mask
        INNER JOIN slice ON slice.patient_id = mask.patient_id AND slice.series_id = mask.series_id
        INNER JOIN slice_source
            ON slice_source.patient_id = slice.patient_id
            AND slice_source.slice_id = slice.slice_id
        UNION ALL
        SELECT mask.patient_id, mask.series_id, series_source.source_file_id
        FROM mask
        INNER JOIN series_source
            ON series_source.patient_id = mask.patient_id
            AND series_source.series_id = mask.series_id
    ) AS part
    GROUP BY patient_id, series_id
)

SELECT
    CAST(chosen.label_source_id AS text) AS source_id,
    chosen.dataset,
    chosen.name,
    chosen.kind,
    CASE
        WHEN label_source_retirement.label_source_id IS NOT NULL THEN 'retired'
        WHEN chosen.is_active THEN 'counts'
        ELSE 'superseded'
    END AS state,
    COALESCE(labelled.label_count, 0) AS labels,
    COALESCE(marked.mark_count, 0) AS marks,
    COALESCE(waiting.waiting_count, 0) AS waiting,
    source_file.root AS folder,
    source_file.relative_path AS file,
    label_source_retirement.author AS retired_by,
    label_source_retirement.reason
FROM chosen
LEFT JOIN label_source_retirement
    ON label_source_retirement.label_source_id = chosen.label_source_id
    AND label_source_retirement.restored_at IS NULL
LEFT JOIN labelled ON labelled.label_source_id = chosen.label_source_id
LEFT JOIN marked ON marked.label_source_id = chosen.label_source_id
LEFT JOIN waiting ON waiting.label_source_id = chosen.label_source_id
LEFT JOIN source_file ON source_file.source_file_id = chosen.source_file_id
UNION ALL
SELECT
    CAST(mask.series_id AS text) AS source_id,
    CASE WHEN dataset.version = '' THEN dataset.name ELSE dataset.name || '@' || dataset.version END AS dataset,
    'mask ' || CAST(mask.series_id AS text) AS name,
    'mask' AS kind,
    'counts' AS state,
    0 AS labels,
    mask.mark_count AS marks,
    0 AS waiting,
    source_file.root AS folder,
    source_file.relative_path AS file,
    NULL AS retired_by,
    NULL AS reason
FROM parameter
CROSS JOIN mask
INNER JOIN patient ON patient.patient_id = mask.patient_id
INNER JOIN dataset ON dataset.dataset_id = patient.dataset_id
LEFT JOIN mask_file ON mask_file.patient_id = mask.patient_id AND mask_file.series_id = mask.series_id
LEFT JOIN source_file ON source_file.source_file_id = mask_file.source_file_id
WHERE
    (parameter.dataset_name IS NULL
        OR parameter.dataset_name IN (dataset.name, dataset.name || '@' || dataset.version))
    AND (parameter.source IS NULL
        OR parameter.source IN ('mask ' || CAST(mask.series_id AS text), CAST(mask.series_id AS text)))
ORDER BY dataset, name, source_id;
