-- What is compared of series when two warehouses should be equal.
--
-- Grain: one row per series and variant: one volume, stack of images, photograph, mask, or object without pixels.
-- Inputs: series
-- Left out: ingest_run_id
SELECT
    patient_id,
    series_id,
    study_id,
    series_key,
    variant,
    revision,
    series_instance_uid,
    role,
    modality,
    geometry_kind,
    ordering_rule,
    slice_count,
    photometric_interpretation,
    frame_of_reference_uid,
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
    slice_spacing_mm,
    slice_thickness_mm,
    companion_of,
    derived_from,
    conflict_of,
    mask_rule AS mask_rule_json,
    CAST(is_trainable AS integer) AS is_trainable
FROM series
ORDER BY
    patient_id,
    series_id;
