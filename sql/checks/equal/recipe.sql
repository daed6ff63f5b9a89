-- What is compared of recipe when two warehouses should be equal.
--
-- Grain: one row per recipe: how values become what a model sees, or how data was derived.
-- Inputs: recipe
-- Left out: created_at
SELECT
    recipe_id,
    kind,
    name,
    canonical_json,
    sha256
FROM recipe
ORDER BY
    recipe_id;
