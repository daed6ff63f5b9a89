-- Every value of one attribute over all slices, with absent, empty, multi-valued and removed told apart.
--
-- Grain: one row per class × value, the most frequent first. Classes: value, multi (joined by a backslash), empty,
-- absent (neither stored nor removed), removed (taken out by the allow-list). A slice counts once; an object without
-- pixels counts as one slice. Sequence items are values of their own, so a path through a sequence may count a slice
-- several times.
-- Inputs: header_value, slice_header, header_removed, series, patient, dataset
-- JSON is read by json_extract here, by jsonpath in sql/postgresql/queries.
WITH parameter AS (
    SELECT
        CAST('00080060' AS text) AS path, -- eight upper-case hexadecimal digits a tag, joined by . through sequences
        CAST(NULL AS text) AS dataset_name -- only this dataset; NULL for all
),

chosen_patient AS (
    SELECT patient.patient_id
    FROM parameter
    INNER JOIN dataset ON parameter.dataset_name IS NULL OR dataset.name = parameter.dataset_name
    INNER JOIN patient ON patient.dataset_id = dataset.dataset_id
),

chosen_series AS (
    SELECT
        series.patient_id,
        series.series_id,
        CASE WHEN series.role = 'object' THEN 1 ELSE series.slice_count END AS slice_count
    FROM chosen_patient
    INNER JOIN series ON series.patient_id = chosen_patient.patient_id
),

common AS (
    SELECT
        header_value.value_class,
        header_value.value,
        header_value.slice_count,
        CASE header_value.value_ordinal WHEN 0 THEN header_value.slice_count ELSE 0 END AS present_count
    FROM parameter
    INNER JOIN header_value ON header_value.path = parameter.path
    INNER JOIN chosen_patient ON chosen_patient.patient_id = header_value.patient_id
),

-- The attributes of a slice that differ from its series. Equal elements are counted before they are taken apart.
element AS MATERIALIZED (
    SELECT
        slice_header.slice_id,
        json_extract(slice_header.header, '$."' || parameter.path || '"') AS element
    FROM parameter
    CROSS JOIN slice_header
    INNER JOIN chosen_patient ON chosen_patient.patient_id = slice_header.patient_id
    WHERE
        instr(parameter.path, '.') = 0
        AND instr(slice_header.header, '"' || parameter.path || '"') > 0
    UNION ALL
    SELECT slice_header.slice_id, node.value AS element
    FROM parameter
    CROSS JOIN slice_header
    INNER JOIN chosen_patient ON chosen_patient.patient_id = slice_header.patient_id
    INNER JOIN json_tree(slice_header.header) AS node
        ON node.fullkey GLOB '$."' || replace(parameter.path, '.', '".Value[[]*[]]."') || '"'
    WHERE
        instr(parameter.path, '.') > 0
        AND instr(slice_header.header, '"' || substr(parameter.path, 1, 8) || '"') > 0
),

distinct_element AS (
    SELECT element, count(*) AS slice_count
    FROM element
    WHERE element IS NOT NULL -- the text of the path may stand in a value
    GROUP BY element
),

varying AS (
    SELECT
        CASE
            WHEN json_type(element, '$.InlineBinary') IS NOT NULL THEN 'value'
            WHEN COALESCE(json_array_length(element, '$.Value'), 0) = 0 THEN 'empty'
            WHEN json_array_length(element, '$.Value') = 1 THEN 'value'
            ELSE 'multi'
        END AS value_class,
        COALESCE(
            json_extract(element, '$.InlineBinary'),
            CASE
                WHEN json_array_length(element, '$.Value') = 1
                    THEN COALESCE(
                        json_extract(element, '$.Value[0].Alphabetic'),
                        CAST(json_extract(element, '$.Value[0]') AS text)
                    )
                ELSE (
                    SELECT group_concat(
                        COALESCE(
                            CASE item.type WHEN 'object' THEN json_extract(item.value, '$.Alphabetic') END,
                            item.value,
                            ''
                        ),
                        '\'
                    )
                    FROM json_each(element, '$.Value') AS item
                )
            END
        ) AS value,
        slice_count
    FROM distinct_element
),

counted AS (
    SELECT value_class, value, slice_count FROM common
    UNION ALL
    SELECT value_class, value, slice_count FROM varying
),

removed AS (
    SELECT COALESCE(sum(header_removed.removed_count), 0) AS slice_count
    FROM parameter
    INNER JOIN header_removed ON header_removed.path = parameter.path AND header_removed.action = 'removed'
    INNER JOIN chosen_patient ON chosen_patient.patient_id = header_removed.patient_id
),

total AS (
    SELECT COALESCE(sum(slice_count), 0) AS slice_count
    FROM chosen_series
),

present AS (
    SELECT
        (SELECT COALESCE(sum(present_count), 0) FROM common)
        + (SELECT count(DISTINCT slice_id) FROM element WHERE element IS NOT NULL) AS slice_count
),

answer AS (
    SELECT value_class, value, sum(slice_count) AS slice_count
    FROM counted
    GROUP BY value_class, value
    UNION ALL
    SELECT 'removed' AS value_class, NULL AS value, slice_count
    FROM removed
    UNION ALL
    SELECT
        'absent' AS value_class,
        NULL AS value,
        total.slice_count - removed.slice_count - present.slice_count AS slice_count
    FROM total
    CROSS JOIN removed
    CROSS JOIN present
)

SELECT
    answer.value_class,
    answer.value,
    CAST(answer.slice_count AS bigint) AS slice_count,
    CAST(answer.slice_count AS double precision) / total.slice_count AS share
FROM answer
CROSS JOIN total
WHERE answer.slice_count > 0
ORDER BY answer.slice_count DESC, answer.value_class, answer.value;
