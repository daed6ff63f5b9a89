-- Patients known to be one person are in one fold.
--
-- Grain: one row per split × pair that breaks it: the alias was learnt after the split was made, and nobody was moved.
-- Inputs: patient_alias, split_assignment
SELECT
    one.split_id,
    patient_alias.patient_id,
    patient_alias.alias_patient_id,
    one.fold,
    other.fold AS alias_fold
FROM patient_alias
INNER JOIN split_assignment AS one ON one.patient_id = patient_alias.patient_id
INNER JOIN split_assignment AS other
    ON other.patient_id = patient_alias.alias_patient_id
    AND other.split_id = one.split_id
WHERE one.fold <> other.fold
ORDER BY one.split_id, patient_alias.patient_id, patient_alias.alias_patient_id;
