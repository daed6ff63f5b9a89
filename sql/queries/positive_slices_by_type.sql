-- How many slices show each type of haemorrhage, or any, and of how many patients.
--
-- Grain: one row per dataset × domain, over slice labels; a slice with two types counts in both, and one with two
-- answers to one type (see several_answers) as positive.
-- Inputs: label_current
WITH parameter AS (
    SELECT
        CAST(NULL AS text) AS dataset_name -- only this dataset; NULL for all
)

SELECT
    label_current.dataset_name,
    label_current.dataset_version,
    label_current.domain_name,
    count(DISTINCT CASE WHEN label_current.term_name = 'present' THEN label_current.slice_id END)
        AS positive_slice_count,
    count(DISTINCT CASE WHEN label_current.term_name = 'present' THEN label_current.patient_id END)
        AS positive_patient_count,
    count(DISTINCT label_current.slice_id) AS slice_count
FROM parameter
INNER JOIN label_current
    ON parameter.dataset_name IS NULL OR label_current.dataset_name = parameter.dataset_name
WHERE
    label_current.level = 'slice'
    AND label_current.status = 'clean'
    AND (
        label_current.family = 'haemorrhage'
        OR label_current.domain_name IN ('any_haemorrhage', 'no_haemorrhage', 'fracture')
    )
GROUP BY label_current.dataset_name, label_current.dataset_version, label_current.domain_name
ORDER BY label_current.dataset_name, label_current.dataset_version, label_current.domain_name;
