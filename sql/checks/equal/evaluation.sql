-- What is compared of evaluation when two warehouses should be equal.
--
-- Grain: one row per model run × metric × truth × fold × subgroup: a value beside a trivial baseline.
-- Inputs: evaluation
-- Left out: created_at, model_run_id
SELECT
    evaluation_id,
    metric,
    level,
    label_domain_id,
    label_source_id,
    truth,
    fold,
    subgroup,
    parameters AS parameters_json,
    value,
    lower_bound,
    upper_bound,
    baseline,
    baseline_value,
    case_count,
    positive_count,
    truth_digest
FROM evaluation
ORDER BY
    evaluation_id;
