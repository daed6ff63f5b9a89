-- What is compared of model when two warehouses should be equal.
--
-- Grain: one row per model: a name under which versions are kept.
-- Inputs: model
-- Left out: created_at
SELECT
    model_id,
    name,
    task,
    description
FROM model
ORDER BY
    model_id;
