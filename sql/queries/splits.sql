-- Splits: how they were made, and how large they are.
--
-- Grain: one row per split.
-- Inputs: split, split_fold, split_unit, split_assignment, training_set
SELECT
    split.name,
    split.method,
    split.seed,
    (SELECT count(*) FROM split_fold WHERE split_fold.split_id = split.split_id) AS fold_count,
    (SELECT count(*) FROM split_unit WHERE split_unit.split_id = split.split_id) AS unit_count,
    (SELECT count(*) FROM split_assignment WHERE split_assignment.split_id = split.split_id) AS patient_count,
    (SELECT count(*) FROM training_set WHERE training_set.split_id = split.split_id) AS training_set_count,
    split.created_at
FROM split
ORDER BY split.name;
