-- What is compared of split_fold when two warehouses should be equal.
--
-- Grain: one row per split × fold.
-- Inputs: split_fold
SELECT
    split_id,
    fold,
    fold_index,
    share
FROM split_fold
ORDER BY
    split_id,
    fold;
