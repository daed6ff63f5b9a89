-- What is compared of slice_pixels when two warehouses should be equal.
--
-- Grain: one row per slice × tile: a band of rows of stored values, lossless, never windowed or resized.
-- Inputs: slice_pixels
SELECT
    patient_id,
    slice_id,
    tile_index,
    first_row,
    row_count,
    encoding,
    bytes
FROM slice_pixels
ORDER BY
    patient_id,
    slice_id,
    tile_index;
