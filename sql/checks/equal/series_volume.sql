-- What is compared of series_volume when two warehouses should be equal.
--
-- Grain: one row per volume of a series that holds several.
-- Inputs: series_volume
SELECT
    patient_id,
    series_id,
    volume_index,
    first_slice_index,
    slice_count,
    traits AS traits_json,
    geometry_kind,
    ordering_rule,
    origin_x_mm,
    origin_y_mm,
    origin_z_mm,
    row_direction_x,
    row_direction_y,
    row_direction_z,
    column_direction_x,
    column_direction_y,
    column_direction_z,
    slice_direction_x,
    slice_direction_y,
    slice_direction_z,
    column_spacing_mm,
    row_spacing_mm,
    slice_spacing_mm
FROM series_volume
ORDER BY
    patient_id,
    series_id,
    volume_index;
