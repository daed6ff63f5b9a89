-- Every value of one attribute over slices and series, with absent, empty, multi-valued and removed told apart.
--
-- Grain: one row per class × value, the most frequent first. slice_count counts slices (an object without pixels is
-- one), series_count the series that have at least one of them. Classes: value, multi (joined by a backslash), empty,
-- sequence (a sequence with items, whose attributes are counted by their own paths), absent (neither stored nor
-- removed), removed (taken out by the allow-list; of a private attribute whoever made it, since its creator was taken
-- out too). Items of a sequence count a slice once for each value; share is of the
-- slices, cumulative_share of the answers.
-- Several attributes may stand for one: of each slice the first that has a value counts, else the first that is there.
-- The example is a file, by its path where the data set is published, else by run and id.
-- Inputs: header_value, header_slice_value, header_removed, slice, series, patient, dataset, slice_source,
-- series_source, source_file
WITH parameter AS NOT MATERIALIZED (
    SELECT
        CAST('00080060' AS text) AS path_1, -- eight upper-case hexadecimal digits a tag, joined by . through sequences
        CAST(1 AS bigint) AS choice_1, -- its place in the order of choice; those of one place all count
        CAST(NULL AS text) AS creator_1, -- private attributes: who reserved the block; NULL for all others
        CAST(NULL AS text) AS creator_path_1, -- where that name stands, (gggg,00bb); NULL: beside the last tag of the path
        CAST(NULL AS text) AS path_2, -- the attribute that counts where the first has no value, or another block of it
        CAST(2 AS bigint) AS choice_2, -- its place in the order of choice
        CAST(NULL AS text) AS creator_2, -- its private creator
        CAST(NULL AS text) AS creator_path_2, -- where that name stands
        CAST(NULL AS text) AS path_3, -- the third attribute
        CAST(3 AS bigint) AS choice_3, -- its place in the order of choice
        CAST(NULL AS text) AS creator_3, -- its private creator
        CAST(NULL AS text) AS creator_path_3, -- where that name stands
        CAST(NULL AS text) AS path_4, -- the fourth attribute
        CAST(4 AS bigint) AS choice_4, -- its place in the order of choice
        CAST(NULL AS text) AS creator_4, -- its private creator
        CAST(NULL AS text) AS creator_path_4, -- where that name stands
        CAST(NULL AS text) AS dataset_name, -- only this dataset, name or name@version; NULL for all
        CAST(0 AS double precision) AS from_share, -- leave out the most frequent values that cover this share of the answers
        CAST(NULL AS bigint) AS row_limit -- rows at most; NULL for all
),

wanted AS (
    SELECT choice_1 AS priority, path_1 AS path, creator_1 AS creator, creator_path_1 AS creator_path FROM parameter
    UNION ALL
    SELECT choice_2, path_2, creator_2, creator_path_2 FROM parameter
    UNION ALL
    SELECT choice_3, path_3, creator_3, creator_path_3 FROM parameter
    UNION ALL
    SELECT choice_4, path_4, creator_4, creator_path_4 FROM parameter
),

-- The block of (gggg,bbee) is reserved by (gggg,00bb), beside it. Not materialized, for PostgreSQL to see the path as
-- a constant: it then reads what has this path, and not the whole table.
candidate AS NOT MATERIALIZED (
    SELECT
        priority,
        path,
        creator,
        COALESCE(creator_path, substr(path, 1, length(path) - 4) || '00' || substr(path, length(path) - 3, 2))
            AS creator_path
    FROM wanted
    WHERE path IS NOT NULL
),

chosen_series AS MATERIALIZED (
    SELECT
        series.patient_id,
        series.series_id,
        CASE WHEN series.role = 'object' THEN 1 ELSE series.slice_count END AS slice_count
    FROM parameter
    INNER JOIN dataset
        ON parameter.dataset_name IS NULL
        OR parameter.dataset_name IN (dataset.name, dataset.name || '@' || dataset.version)
    INNER JOIN patient ON patient.dataset_id = dataset.dataset_id
    INNER JOIN series ON series.patient_id = patient.patient_id
),

-- What all slices of a series share (CROSS JOIN keeps SQLite from starting at the long table). A value goes before an empty attribute, whatever the order of choice.
common AS MATERIALIZED (
    SELECT
        header_value.series_id,
        header_value.value_class,
        header_value.value,
        candidate.priority + CASE header_value.value_class WHEN 'empty' THEN 1000 ELSE 0 END AS preference
    FROM candidate
    CROSS JOIN header_value
    LEFT JOIN header_value AS creator
        ON creator.patient_id = header_value.patient_id
        AND creator.series_id = header_value.series_id
        AND creator.path = candidate.creator_path
        AND creator.value = candidate.creator
    WHERE header_value.path = candidate.path AND (candidate.creator IS NULL OR creator.value IS NOT NULL)
    UNION
    SELECT header_value.series_id, 'sequence', NULL, candidate.priority
    FROM candidate
    CROSS JOIN header_value
    LEFT JOIN header_value AS creator
        ON creator.patient_id = header_value.patient_id
        AND creator.series_id = header_value.series_id
        AND creator.path = candidate.creator_path
        AND creator.value = candidate.creator
    WHERE
        header_value.path > candidate.path || '.'
        AND header_value.path < candidate.path || '/'
        AND (candidate.creator IS NULL OR creator.value IS NOT NULL)
),

best_common AS MATERIALIZED (
    SELECT series_id, min(preference) AS preference
    FROM common
    GROUP BY series_id
),

-- What slices have of their own.
own AS (
    SELECT
        header_slice_value.series_id,
        header_slice_value.slice_id,
        header_slice_value.value_class,
        header_slice_value.value,
        candidate.priority + CASE header_slice_value.value_class WHEN 'empty' THEN 1000 ELSE 0 END AS preference
    FROM candidate
    CROSS JOIN header_slice_value
    WHERE
        header_slice_value.path = candidate.path
        AND (
            candidate.creator IS NULL
            OR EXISTS (
                SELECT 1
                FROM header_value AS creator
                WHERE
                    creator.patient_id = header_slice_value.patient_id
                    AND creator.series_id = header_slice_value.series_id
                    AND creator.path = candidate.creator_path
                    AND creator.value = candidate.creator
            )
            OR EXISTS (
                SELECT 1
                FROM header_slice_value AS creator
                WHERE
                    creator.path = candidate.creator_path
                    AND creator.patient_id = header_slice_value.patient_id
                    AND creator.slice_id = header_slice_value.slice_id
                    AND creator.value = candidate.creator
            )
        )
    UNION ALL
    SELECT DISTINCT
        header_slice_value.series_id,
        header_slice_value.slice_id,
        'sequence' AS value_class,
        CAST(NULL AS text) AS value,
        candidate.priority AS preference
    FROM candidate
    CROSS JOIN header_slice_value
    WHERE
        header_slice_value.path > candidate.path || '.'
        AND header_slice_value.path < candidate.path || '/'
        AND (
            candidate.creator IS NULL
            OR EXISTS (
                SELECT 1
                FROM header_value AS creator
                WHERE
                    creator.patient_id = header_slice_value.patient_id
                    AND creator.series_id = header_slice_value.series_id
                    AND creator.path = candidate.creator_path
                    AND creator.value = candidate.creator
            )
            OR EXISTS (
                SELECT 1
                FROM header_slice_value AS creator
                WHERE
                    creator.path = candidate.creator_path
                    AND creator.patient_id = header_slice_value.patient_id
                    AND creator.slice_id = header_slice_value.slice_id
                    AND creator.value = candidate.creator
            )
        )
),

-- Where several attributes compete, a slice's own one counts if it does not go behind what its series shares.
own_best AS MATERIALIZED (
    SELECT own.series_id, own.slice_id, min(own.preference) AS preference
    FROM own
    LEFT JOIN best_common ON best_common.series_id = own.series_id
    WHERE
        (SELECT count(*) FROM candidate) > 1
        AND (best_common.preference IS NULL OR own.preference <= best_common.preference)
    GROUP BY own.series_id, own.slice_id
),

own_chosen AS MATERIALIZED (
    SELECT series_id, slice_id, value_class, value
    FROM own
    WHERE (SELECT count(*) FROM candidate) = 1
    UNION ALL
    -- Two blocks of one attribute may say the same, of which the series may share one.
    SELECT DISTINCT own.series_id, own.slice_id, own.value_class, own.value
    FROM own_best
    INNER JOIN own
        ON own.series_id = own_best.series_id
        AND own.slice_id = own_best.slice_id
        AND own.preference = own_best.preference
    LEFT JOIN common
        ON common.series_id = own.series_id
        AND common.preference = own.preference
        AND common.value_class = own.value_class
        AND COALESCE(common.value, '') = COALESCE(own.value, '')
    WHERE common.series_id IS NULL
),

own_count AS MATERIALIZED (
    SELECT series_id, count(DISTINCT slice_id) AS slice_count
    FROM own_chosen
    GROUP BY series_id
),

-- Slices of which something of their own goes before what their series shares.
replaced AS MATERIALIZED (
    SELECT own_best.series_id, count(*) AS slice_count
    FROM own_best
    INNER JOIN best_common
        ON best_common.series_id = own_best.series_id
        AND best_common.preference > own_best.preference
    GROUP BY own_best.series_id
),

series_state AS MATERIALIZED (
    SELECT
        chosen_series.patient_id,
        chosen_series.series_id,
        chosen_series.slice_count,
        best_common.preference,
        CASE WHEN (SELECT count(*) FROM candidate) = 1 THEN COALESCE(own_count.slice_count, 0)
            ELSE COALESCE(replaced.slice_count, 0) END AS replaced_count,
        CASE WHEN best_common.preference IS NULL THEN COALESCE(own_count.slice_count, 0)
            ELSE chosen_series.slice_count END AS present_count
    FROM chosen_series
    LEFT JOIN best_common ON best_common.series_id = chosen_series.series_id
    LEFT JOIN own_count ON own_count.series_id = chosen_series.series_id
    LEFT JOIN replaced ON replaced.series_id = chosen_series.series_id
),

-- header_removed counts files; of a file with several frames all are meant.
removed_in_series AS (
    SELECT
        series_state.series_id,
        series_state.slice_count - series_state.present_count AS open_count,
        CASE WHEN max(slice.frame_number) IS NULL THEN sum(header_removed.removed_count)
            ELSE series_state.slice_count END AS removed_count
    FROM candidate
    CROSS JOIN header_removed
    INNER JOIN series_state
        ON series_state.patient_id = header_removed.patient_id
        AND series_state.series_id = header_removed.series_id
    LEFT JOIN slice
        ON slice.patient_id = series_state.patient_id
        AND slice.series_id = series_state.series_id
        AND slice.slice_index = 0
    WHERE
        -- The attribute itself, or a sequence around it.
        header_removed.path IN (
            candidate.path, substr(candidate.path, 1, 8), substr(candidate.path, 1, 17), substr(candidate.path, 1, 26),
            substr(candidate.path, 1, 35)
        )
        AND substr(header_removed.action, 1, 8) = 'removed_'
    GROUP BY series_state.series_id, series_state.slice_count, series_state.present_count
),

removed AS MATERIALIZED (
    SELECT series_id, CASE WHEN removed_count < open_count THEN removed_count ELSE open_count END AS slice_count
    FROM removed_in_series
),

counted AS (
    SELECT
        common.value_class,
        common.value,
        series_state.series_id,
        series_state.slice_count - series_state.replaced_count AS slice_count,
        CAST(NULL AS bigint) AS slice_id
    FROM common
    INNER JOIN series_state ON series_state.series_id = common.series_id
    WHERE series_state.preference = common.preference OR (SELECT count(*) FROM candidate) = 1
    UNION ALL
    SELECT
        own_chosen.value_class,
        own_chosen.value,
        own_chosen.series_id,
        count(*),
        min(own_chosen.slice_id)
    FROM own_chosen
    INNER JOIN chosen_series ON chosen_series.series_id = own_chosen.series_id
    GROUP BY own_chosen.value_class, own_chosen.value, own_chosen.series_id
    UNION ALL
    SELECT 'removed', NULL, series_id, slice_count, NULL
    FROM removed
    UNION ALL
    SELECT
        'absent',
        NULL,
        series_state.series_id,
        series_state.slice_count - series_state.present_count - COALESCE(removed.slice_count, 0),
        NULL
    FROM series_state
    LEFT JOIN removed ON removed.series_id = series_state.series_id
),

answer AS MATERIALIZED (
    SELECT
        value_class,
        value,
        CAST(sum(slice_count) AS bigint) AS slice_count,
        count(*) AS series_count, -- a series has one row for each value
        min(series_id) AS series_id,
        min(slice_id) AS slice_id
    FROM counted
    WHERE slice_count > 0
    GROUP BY value_class, value
),

-- A slice whose sequence has several items gives several answers; else there are as many answers as slices.
total AS (
    SELECT
        (SELECT sum(slice_count) FROM chosen_series) AS slice_count,
        (SELECT sum(slice_count) FROM answer) AS answer_count
),

-- Where nothing is left out in front, no more than the rows that are shown need be in order.
first_rows AS (
    SELECT *
    FROM answer
    ORDER BY slice_count DESC, value_class, value NULLS FIRST
    LIMIT (
        SELECT CASE WHEN from_share > 0 OR row_limit IS NULL THEN 9223372036854775807
            WHEN row_limit < 0 THEN 0 ELSE row_limit END
        FROM parameter
    )
),

ranked AS (
    SELECT
        first_rows.*,
        sum(slice_count) OVER ranking AS cumulative_count,
        row_number() OVER ranking AS place
    FROM first_rows
    WINDOW ranking AS (ORDER BY slice_count DESC, value_class, value NULLS FIRST ROWS UNBOUNDED PRECEDING)
),

shown AS MATERIALIZED (
    SELECT
        ranked.*,
        total.slice_count AS total_count,
        total.answer_count,
        (SELECT count(*) FROM answer) AS value_count
    FROM ranked
    CROSS JOIN parameter
    CROSS JOIN total
    WHERE ranked.cumulative_count - ranked.slice_count >= parameter.from_share * total.answer_count
    ORDER BY ranked.place
    LIMIT (
        SELECT CASE WHEN row_limit IS NULL THEN 9223372036854775807 WHEN row_limit < 0 THEN 0 ELSE row_limit END
        FROM parameter
    )
),

-- A slice that has the value; of a series whose slices share it, the first.
example AS MATERIALIZED (
    SELECT shown.place, series.patient_id, series.series_id, slice.slice_id
    FROM shown
    INNER JOIN series ON series.series_id = shown.series_id
    LEFT JOIN slice
        ON slice.patient_id = series.patient_id
        AND slice.series_id = series.series_id
        AND slice.slice_index = 0
    WHERE shown.slice_id IS NULL
    UNION ALL
    SELECT shown.place, slice.patient_id, slice.series_id, slice.slice_id
    FROM shown
    INNER JOIN slice ON slice.slice_id = shown.slice_id
),

example_source AS (
    SELECT example.place, example.patient_id, example.series_id, example.slice_id, slice_source.source_file_id
    FROM example
    INNER JOIN slice_source
        ON slice_source.patient_id = example.patient_id
        AND slice_source.slice_id = example.slice_id
    UNION ALL
    SELECT example.place, example.patient_id, example.series_id, example.slice_id, series_source.source_file_id
    FROM example
    INNER JOIN series_source
        ON series_source.patient_id = example.patient_id
        AND series_source.series_id = example.series_id
),

example_file AS (
    SELECT
        example_source.place,
        min(
            CASE
                WHEN dataset.patient_key_kind = 'research' THEN source_file.relative_path
                ELSE 'run ' || CAST(source_file.ingest_run_id AS text)
                    || CASE WHEN example_source.slice_id IS NULL
                        THEN ', series ' || CAST(example_source.series_id AS text)
                        ELSE ', slice ' || CAST(example_source.slice_id AS text) END
            END
        ) AS example
    FROM example_source
    INNER JOIN patient ON patient.patient_id = example_source.patient_id
    INNER JOIN dataset ON dataset.dataset_id = patient.dataset_id
    INNER JOIN source_file ON source_file.source_file_id = example_source.source_file_id
    GROUP BY example_source.place
)

SELECT
    shown.value_class,
    shown.value,
    shown.slice_count,
    CAST(shown.slice_count AS double precision) / shown.total_count AS share,
    CAST(shown.cumulative_count AS double precision) / shown.answer_count AS cumulative_share,
    shown.series_count,
    example_file.example,
    shown.value_count
FROM shown
LEFT JOIN example_file ON example_file.place = shown.place
ORDER BY shown.place;
