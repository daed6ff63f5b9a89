-- What is compared of singular_value when two warehouses should be equal.
--
-- Grain: one row per analysis run × singular value of the voxels × slices matrix.
-- Inputs: singular_value
-- Left out: analysis_run_id
SELECT
    patient_id,
    value_index,
    singular_value
FROM singular_value
ORDER BY
    patient_id,
    value_index,
    singular_value;
