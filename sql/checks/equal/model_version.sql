-- What is compared of model_version when two warehouses should be equal.
--
-- Grain: one row per model × version: one artifact, what made it, and from what.
-- Inputs: model_version
-- Left out: created_at
SELECT
    model_version_id,
    model_id,
    version,
    framework,
    artifact,
    artifact_uri,
    artifact_sha256,
    artifact_size_bytes,
    hyper_parameters AS hyper_parameters_json,
    training_set_id,
    recipe_id,
    parent_model_version_id
FROM model_version
ORDER BY
    model_version_id;
