-- The axes of a volume are unit vectors, and row and column are perpendicular, to one part in ten thousand.
--
-- Grain: one row per series that breaks it. The slice direction may be oblique to both (gantry tilt).
-- Inputs: series
WITH axis AS (
    SELECT
        patient_id,
        series_id,
        row_direction_x * row_direction_x + row_direction_y * row_direction_y
        + row_direction_z * row_direction_z AS row_length,
        column_direction_x * column_direction_x + column_direction_y * column_direction_y
        + column_direction_z * column_direction_z AS column_length,
        slice_direction_x * slice_direction_x + slice_direction_y * slice_direction_y
        + slice_direction_z * slice_direction_z AS slice_length,
        row_direction_x * column_direction_x + row_direction_y * column_direction_y
        + row_direction_z * column_direction_z AS row_column_product
    FROM series
    WHERE geometry_kind = 'volume'
)

SELECT patient_id, series_id, row_length, column_length, slice_length, row_column_product
FROM axis
WHERE
    abs(row_length - 1) > 0.0001
    OR abs(column_length - 1) > 0.0001
    OR abs(slice_length - 1) > 0.0001
    OR abs(row_column_product) > 0.0001
ORDER BY patient_id, series_id;
