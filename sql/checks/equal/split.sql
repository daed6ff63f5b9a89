-- What is compared of split when two warehouses should be equal.
--
-- Grain: one row per split: one assignment of patients to folds.
-- Inputs: split
-- Left out: created_at
SELECT
    split_id,
    name,
    method,
    seed,
    stratify_domain_id,
    query,
    parameters AS parameters_json
FROM split
ORDER BY
    split_id;
