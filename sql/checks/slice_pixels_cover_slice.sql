-- The tiles of a slice cover its rows once, from top to bottom, without a gap.
--
-- Grain: one row per slice that breaks it; tile_count 0 is a slice without pixels.
-- Inputs: slice, slice_pixels
WITH tile AS (
    SELECT
        patient_id,
        slice_id,
        tile_index,
        first_row,
        row_count,
        row_number() OVER slice_tiles - 1 AS expected_index,
        COALESCE(CAST(sum(row_count) OVER (
            PARTITION BY patient_id, slice_id ORDER BY tile_index ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS bigint), 0) AS expected_first_row
    FROM slice_pixels
    WINDOW slice_tiles AS (PARTITION BY patient_id, slice_id ORDER BY tile_index)
),

cover AS (
    SELECT
        patient_id,
        slice_id,
        count(*) AS tile_count,
        sum(row_count) AS covered_rows,
        max(CASE WHEN tile_index <> expected_index OR first_row <> expected_first_row THEN 1 ELSE 0 END) AS is_broken
    FROM tile
    GROUP BY patient_id, slice_id
)

SELECT
    slice.patient_id,
    slice.slice_id,
    slice.rows,
    COALESCE(cover.tile_count, 0) AS tile_count,
    CAST(COALESCE(cover.covered_rows, 0) AS bigint) AS covered_rows
FROM slice
LEFT JOIN cover ON cover.patient_id = slice.patient_id AND cover.slice_id = slice.slice_id
WHERE
    cover.tile_count IS NULL
    OR cover.covered_rows <> slice.rows
    OR cover.is_broken = 1
ORDER BY slice.patient_id, slice.slice_id;
