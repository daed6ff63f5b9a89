-- What is compared of training_sample when two warehouses should be equal.
--
-- Grain: one row per training set × sample, numbered by content key.
-- Inputs: training_sample
SELECT
    training_set_id,
    sample_number,
    split_id,
    patient_id,
    fold,
    series_id,
    slice_id,
    annotation_id,
    centre_column,
    centre_row,
    centre_slice,
    pixel_digest,
    target AS target_json,
    target_digest,
    weight
FROM training_sample
ORDER BY
    training_set_id,
    sample_number;
