-- What is compared of patient_alias when two warehouses should be equal.
--
-- Grain: one row per pair of patients known to be one person.
-- Inputs: patient_alias
-- Left out: created_at
SELECT
    patient_id,
    alias_patient_id,
    reason,
    evidence
FROM patient_alias
ORDER BY
    patient_id,
    alias_patient_id;
