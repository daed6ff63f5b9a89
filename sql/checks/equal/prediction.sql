-- What is compared of prediction when two warehouses should be equal.
--
-- Grain: one row per model run × subject × term: a score.
-- Inputs: prediction
-- Left out: model_run_id
SELECT
    patient_id,
    prediction_id,
    level,
    study_id,
    series_id,
    slice_id,
    annotation_id,
    subject_id,
    label_domain_id,
    label_term_id,
    score
FROM prediction
ORDER BY
    patient_id,
    prediction_id;
