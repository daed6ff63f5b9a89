-- What is compared of training_set when two warehouses should be equal.
--
-- Grain: one row per frozen training set and version.
-- Inputs: training_set
-- Left out: created_at
SELECT
    training_set_id,
    name,
    version,
    split_id,
    recipe_id,
    query,
    parameters AS parameters_json,
    sample_kind,
    target_kind,
    class_weights AS class_weights_json,
    sampling_plan AS sampling_plan_json,
    sample_count,
    digest,
    invalidated_at,
    invalidation_reason
FROM training_set
ORDER BY
    training_set_id;
