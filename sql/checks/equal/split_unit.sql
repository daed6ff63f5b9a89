-- What is compared of split_unit when two warehouses should be equal.
--
-- Grain: one row per split × unit: a connected identity and its fold.
-- Inputs: split_unit
SELECT
    split_id,
    unit_key,
    fold,
    stratum
FROM split_unit
ORDER BY
    split_id,
    unit_key;
