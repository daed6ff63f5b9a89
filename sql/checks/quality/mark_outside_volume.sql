-- A mark lies in the volume of its series.
--
-- Grain: one row per source in force with marks whose centre lies in no voxel of their series; files of one dataset and
-- name are one source. Axes that are exchanged or turned put most of a table there.
-- Inputs: annotation, label_source, series, slice, dataset
WITH volume AS MATERIALIZED (
    SELECT
        series.patient_id,
        series.series_id,
        series.slice_count - 0.5 AS slice_end,
        slice.rows - 0.5 AS row_end,
        slice.columns - 0.5 AS column_end
    FROM series
    INNER JOIN slice
        ON slice.patient_id = series.patient_id
        AND slice.series_id = series.series_id
        AND slice.slice_index = 0
    WHERE series.role = 'image' AND series.geometry_kind = 'volume'
),

-- The centre of the first voxel is 0, and its edges lie half a voxel beside it.
outside AS (
    SELECT annotation.label_source_id, annotation.series_id, count(*) AS mark_count
    FROM annotation
    INNER JOIN volume
        ON volume.patient_id = annotation.patient_id
        AND volume.series_id = annotation.series_id
    WHERE
        annotation.label_source_id IS NOT NULL
        AND (
            annotation.centre_slice < -0.5 OR annotation.centre_slice > volume.slice_end
            OR annotation.centre_row < -0.5 OR annotation.centre_row > volume.row_end
            OR annotation.centre_column < -0.5 OR annotation.centre_column > volume.column_end
        )
    GROUP BY annotation.label_source_id, annotation.series_id
),

counted AS (
    SELECT
        label_source.dataset_id,
        label_source.name AS source_name,
        CAST(sum(outside.mark_count) AS bigint) AS mark_count,
        count(DISTINCT outside.series_id) AS series_count,
        min(outside.series_id) AS example_series_id
    FROM outside
    INNER JOIN label_source ON label_source.label_source_id = outside.label_source_id
    WHERE label_source.is_active
    GROUP BY label_source.dataset_id, label_source.name
)

SELECT
    counted.dataset_id,
    counted.source_name,
    counted.mark_count,
    counted.series_count,
    counted.example_series_id,
    CAST(counted.mark_count AS text) || CASE counted.mark_count WHEN 1 THEN ' mark' ELSE ' marks' END
        || ' of ' || counted.source_name || ' of ' || dataset.name
        || CASE WHEN dataset.version = '' THEN '' ELSE '@' || dataset.version END
        || CASE counted.mark_count
            WHEN 1 THEN ' lies outside of its volume, in ' ELSE ' lie outside of their volumes, in '
        END
        || CAST(counted.series_count AS text) || ' series ('
        || CASE counted.series_count WHEN 1 THEN '' ELSE 'one is ' END
        || 'slicehouse series ' || CAST(counted.example_series_id AS text)
        || '); coordinates are mm in the patient, x to the left, y to the back, z to the head: see whether axes are '
        || 'exchanged or turned.' AS sentence
FROM counted
INNER JOIN dataset ON dataset.dataset_id = counted.dataset_id
ORDER BY counted.dataset_id, counted.source_name;
