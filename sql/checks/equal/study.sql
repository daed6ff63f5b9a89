-- What is compared of study when two warehouses should be equal.
--
-- Grain: one row per study of a patient.
-- Inputs: study
SELECT
    patient_id,
    study_id,
    study_key,
    study_instance_uid
FROM study
ORDER BY
    patient_id,
    study_id;
