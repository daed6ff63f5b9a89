-- Where labels and marks come from, which of these sources count, and who took others out.
--
-- Grain: one row per source: a file, the headers of a dataset, corrections by hand. Folder and file are as stored: tokens
-- where the data is clinical. State: counts; retired (by a person); superseded (a corrected file has taken its place).
-- Inputs: label_source, label_source_retirement, dataset, source_file, label, label_unresolved, annotation,
-- annotation_unresolved
WITH parameter AS (
    SELECT
        CAST(NULL AS text) AS dataset_name, -- only this dataset, name or name@version; NULL for all
        CAST(NULL AS text) AS source -- only this source, name or id; NULL for all
),

chosen AS MATERIALIZED (
    SELECT
        label_source.label_source_id,
        label_source.name,
        label_source.kind,
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
ORDER BY chosen.dataset, chosen.name, chosen.label_source_id;
