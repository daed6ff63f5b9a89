-- Frozen training sets, each version of each.
--
-- Grain: one row per training set and version.
-- Inputs: training_set, split, recipe
SELECT
    training_set.name || '@' || CAST(training_set.version AS text) AS training_set,
    split.name AS split,
    recipe.name AS recipe,
    training_set.sample_kind,
    training_set.target_kind,
    training_set.sample_count,
    training_set.digest,
    training_set.created_at,
    training_set.invalidated_at
FROM training_set
INNER JOIN split ON split.split_id = training_set.split_id
INNER JOIN recipe ON recipe.recipe_id = training_set.recipe_id
ORDER BY training_set.name, training_set.version;
