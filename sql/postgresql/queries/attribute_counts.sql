-- Every value of one attribute over all slices, with absent, empty, multi-valued and removed told apart.
--
-- Grain: one row per class × value, the most frequent first. Classes: value, multi (joined by a backslash), empty,
-- absent (neither stored nor removed), removed (taken out by the allow-list). A slice counts once; an object without
-- pixels counts as one slice. Sequence items are values of their own, so a path through a sequence may count a slice
-- several times.
-- Inputs: header_value, slice_header, header_removed, series, patient, dataset
-- JSON is read by jsonpath here, by json_extract in sql/sqlite/queries.
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
    SELECT slice_header.slice_id, slice_header.header -> parameter.path AS element
    FROM parameter
    CROSS JOIN slice_header
    INNER JOIN chosen_patient ON chosen_patient.patient_id = slice_header.patient_id
    WHERE
        position('.' IN parameter.path) = 0
        AND slice_header.header ? parameter.path
    UNION ALL
    SELECT slice_header.slice_id, found.element
    FROM parameter
    CROSS JOIN slice_header
    INNER JOIN chosen_patient ON chosen_patient.patient_id = slice_header.patient_id
    CROSS JOIN LATERAL jsonb_path_query(
        slice_header.header,
        CAST('$."' || replace(parameter.path, '.', '".Value[*]."') || '"' AS jsonpath)
    ) AS found (element)
    WHERE
        position('.' IN parameter.path) > 0
        AND slice_header.header ? split_part(parameter.path, '.', 1)
),

distinct_element AS (
    SELECT element, count(*) AS slice_count
    FROM element
    GROUP BY element
),

varying AS (
    SELECT
        CASE
            WHEN element ? 'InlineBinary' THEN 'value'
            WHEN jsonb_array_length(COALESCE(element -> 'Value', '[]')) = 0 THEN 'empty'
            WHEN jsonb_array_length(element -> 'Value') = 1 THEN 'value'
            ELSE 'multi'
        END AS value_class,
        COALESCE(
            element ->> 'InlineBinary',
            CASE
                WHEN jsonb_array_length(element -> 'Value') = 1
                    THEN COALESCE(element #>> '{Value,0,Alphabetic}', element #>> '{Value,0}')
                ELSE (
                    SELECT string_agg(
                        COALESCE(item.one ->> 'Alphabetic', item.one #>> '{}', ''),
                        '\' ORDER BY item.place
                    )
                    FROM jsonb_array_elements(element -> 'Value') WITH ORDINALITY AS item (one, place)
                )
            END
        ) COLLATE "C" AS value,
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
        + (SELECT count(DISTINCT slice_id) FROM element) AS slice_count
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
