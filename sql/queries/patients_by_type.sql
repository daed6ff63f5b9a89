-- How many patients have each type of haemorrhage: by their own labels, and by those of their slices.
--
-- Grain: one row per dataset × domain. The two counts differ where the tables of a dataset contradict each other.
-- Inputs: label_current
WITH parameter AS (
    SELECT
        CAST(NULL AS text) AS dataset_name -- only this dataset; NULL for all
),

positive AS (
    SELECT DISTINCT
        label_current.dataset_name,
        label_current.dataset_version,
        label_current.domain_name,
        label_current.level,
        label_current.patient_id
    FROM parameter
    INNER JOIN label_current
        ON parameter.dataset_name IS NULL OR label_current.dataset_name = parameter.dataset_name
    WHERE
        label_current.level IN ('patient', 'slice')
        AND label_current.status = 'clean'
        AND label_current.term_name = 'present'
        AND (label_current.family = 'haemorrhage' OR label_current.domain_name = 'fracture')
)

SELECT
    dataset_name,
    dataset_version,
    domain_name,
    count(DISTINCT CASE WHEN level = 'patient' THEN patient_id END) AS patient_count_by_patient_label,
    count(DISTINCT CASE WHEN level = 'slice' THEN patient_id END) AS patient_count_by_slice_label
FROM positive
GROUP BY dataset_name, dataset_version, domain_name
ORDER BY dataset_name, dataset_version, domain_name;
