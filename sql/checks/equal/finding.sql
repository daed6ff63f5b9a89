-- What is compared of finding when two warehouses should be equal.
--
-- Grain: one row per model run × three-dimensional candidate: a connected component or a detection.
-- Inputs: finding
-- Left out: model_run_id
SELECT
    patient_id,
    finding_id,
    series_id,
    finding_number,
    centre_x_mm,
    centre_y_mm,
    centre_z_mm,
    centre_column,
    centre_row,
    centre_slice,
    voxel_count,
    volume_mm3,
    diameter_mm,
    first_row,
    last_row,
    first_column,
    last_column,
    first_slice,
    last_slice,
    mean_probability,
    maximum_probability
FROM finding
ORDER BY
    patient_id,
    finding_id;
