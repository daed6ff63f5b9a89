-- Patients whose file says one thing and whose structured columns another.
--
-- Grain: one row per dataset × patient × finding × kind of contradiction (see the view).
-- Inputs: label_contradiction, patient
WITH parameter AS (
    SELECT
        CAST(NULL AS text) AS dataset_name -- only this dataset; NULL for all
)

SELECT
    label_contradiction.dataset_name,
    label_contradiction.dataset_version,
    patient.patient_key,
    label_contradiction.kind,
    label_contradiction.domain_name,
    label_contradiction.by_patient,
    label_contradiction.by_slices
FROM parameter
INNER JOIN label_contradiction
    ON parameter.dataset_name IS NULL OR label_contradiction.dataset_name = parameter.dataset_name
INNER JOIN patient ON patient.patient_id = label_contradiction.patient_id
ORDER BY
    label_contradiction.dataset_name,
    label_contradiction.dataset_version,
    patient.patient_key,
    label_contradiction.kind,
    label_contradiction.domain_name;
