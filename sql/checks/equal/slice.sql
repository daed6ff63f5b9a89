-- What is compared of slice when two warehouses should be equal.
--
-- Grain: one row per frame: a two-dimensional image of a series.
-- Inputs: slice
SELECT
    patient_id,
    slice_id,
    series_id,
    slice_key,
    slice_index,
    sop_instance_uid,
    frame_number,
    instance_number,
    position_mm,
    rows,
    columns,
    samples_per_pixel,
    pixel_type,
    rescale_slope,
    rescale_intercept,
    window_center,
    window_width,
    minimum,
    maximum,
    mean,
    CAST(is_blank AS integer) AS is_blank,
    pixel_digest
FROM slice
ORDER BY
    patient_id,
    slice_id;
