-- What is compared of training_sample_slice when two warehouses should be equal.
--
-- Grain: one row per sample × slice that goes into it, for samples of more than one slice.
-- Inputs: training_sample_slice
SELECT
    training_set_id,
    sample_number,
    slice_ordinal,
    patient_id,
    slice_id,
    pixel_digest
FROM training_sample_slice
ORDER BY
    training_set_id,
    sample_number,
    slice_ordinal;
