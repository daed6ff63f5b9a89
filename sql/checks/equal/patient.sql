-- What is compared of patient when two warehouses should be equal.
--
-- Grain: one row per dataset × patient key.
-- Inputs: patient
SELECT
    patient_id,
    dataset_id,
    patient_key
FROM patient
ORDER BY
    patient_id;
