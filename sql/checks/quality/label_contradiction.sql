-- What is said of a patient in two places agrees: condition on file, columns of the patient, labels of the slices.
--
-- Grain: one row per patient × domain × kind of contradiction; see the view label_contradiction.
-- Inputs: label_contradiction
SELECT
    patient_id,
    kind,
    domain_name,
    by_patient,
    by_slices
FROM label_contradiction
ORDER BY patient_id, kind, domain_name;
