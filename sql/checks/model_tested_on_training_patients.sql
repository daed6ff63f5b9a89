-- A model is not tested on patients whom it, or a version it was fine-tuned from, was trained on.
--
-- Grain: one row per model version × ancestor × patient that breaks it. Trained on: fold train of the ancestor's set.
-- Tested on: fold validation or test of the version's set.
-- Inputs: model_version, training_set, training_sample
WITH RECURSIVE lineage AS (
    SELECT model_version_id, parent_model_version_id AS ancestor_id
    FROM model_version
    WHERE parent_model_version_id IS NOT NULL
    UNION
    SELECT lineage.model_version_id, model_version.parent_model_version_id AS ancestor_id
    FROM lineage
    INNER JOIN model_version ON model_version.model_version_id = lineage.ancestor_id
    WHERE model_version.parent_model_version_id IS NOT NULL
),

pair AS (
    SELECT
        lineage.model_version_id,
        lineage.ancestor_id,
        model_version.training_set_id,
        ancestor.training_set_id AS ancestor_training_set_id
    FROM lineage
    INNER JOIN model_version ON model_version.model_version_id = lineage.model_version_id
    INNER JOIN model_version AS ancestor ON ancestor.model_version_id = lineage.ancestor_id
    WHERE model_version.training_set_id <> ancestor.training_set_id
)

SELECT DISTINCT
    pair.model_version_id,
    pair.ancestor_id,
    tested.patient_id,
    tested.fold
FROM pair
INNER JOIN training_sample AS trained
    ON trained.training_set_id = pair.ancestor_training_set_id
    AND trained.fold = 'train'
INNER JOIN training_sample AS tested
    ON tested.training_set_id = pair.training_set_id
    AND tested.patient_id = trained.patient_id
    AND tested.fold IN ('validation', 'test')
ORDER BY pair.model_version_id, pair.ancestor_id, tested.patient_id, tested.fold;
