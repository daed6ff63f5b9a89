-- What is compared of predicted_mask when two warehouses should be equal.
--
-- Grain: one row per model run × slice × class that the model marks somewhere.
-- Inputs: predicted_mask
-- Left out: model_run_id
SELECT
    patient_id,
    slice_id,
    class_index,
    label_term_id,
    probability_threshold,
    rle,
    voxel_count,
    first_row,
    last_row,
    first_column,
    last_column
FROM predicted_mask
ORDER BY
    patient_id,
    slice_id,
    class_index,
    probability_threshold,
    voxel_count;
