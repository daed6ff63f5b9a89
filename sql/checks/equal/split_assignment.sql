-- What is compared of split_assignment when two warehouses should be equal.
--
-- Grain: one row per split × patient: its unit and therefore its one fold.
-- Inputs: split_assignment
SELECT
    patient_id,
    split_id,
    unit_key,
    fold
FROM split_assignment
ORDER BY
    patient_id,
    split_id;
