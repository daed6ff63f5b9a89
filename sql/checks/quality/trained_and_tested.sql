-- No patient is in the training fold of one set and in the test fold of another: models of the two cannot be compared.
--
-- Grain: one row per pair of training sets × fold of the second that breaks it. Sets of one split never do.
-- Inputs: training_set, training_sample
WITH part AS (
    SELECT
        training_sample.training_set_id,
        training_set.name,
        training_set.version,
        training_set.split_id,
        training_sample.fold,
        training_sample.patient_id
    FROM training_sample
    INNER JOIN training_set ON training_set.training_set_id = training_sample.training_set_id
    WHERE training_sample.fold IN ('train', 'validation', 'test')
    GROUP BY
        training_sample.training_set_id,
        training_set.name,
        training_set.version,
        training_set.split_id,
        training_sample.fold,
        training_sample.patient_id
)

SELECT
    trained.name || '@' || CAST(trained.version AS text) AS trained_set,
    tested.name || '@' || CAST(tested.version AS text) AS tested_set,
    tested.fold AS tested_fold,
    count(*) AS patient_count
FROM part AS trained
INNER JOIN part AS tested
    ON tested.patient_id = trained.patient_id
    AND tested.split_id <> trained.split_id
    AND tested.fold <> 'train'
WHERE trained.fold = 'train'
GROUP BY trained.name, trained.version, tested.name, tested.version, tested.fold
ORDER BY trained.name, trained.version, tested.name, tested.version, tested.fold;
