-- How many patients have each type of haemorrhage, or any: by their own labels, and by those of their slices.
--
-- Grain: one row per dataset × domain. The two counts differ where the tables of a dataset contradict each other; a
-- count is NULL where nothing was asserted at that level, and 0 where all that was asserted is absent.
-- Inputs: label_current, label_domain, dataset
WITH parameter AS (
    SELECT
        CAST(NULL AS text) AS dataset_name -- only this dataset; NULL for all
),

-- Ids alone: a patient has many slices, and there may be millions of labels.
asserted AS (
    SELECT DISTINCT
        label_current.dataset_id,
        label_current.label_domain_id,
        label_current.level,
        label_current.patient_id,
        CASE label_current.term_name WHEN 'present' THEN 1 ELSE 0 END AS is_present
    FROM parameter
    INNER JOIN label_current
        ON parameter.dataset_name IS NULL OR label_current.dataset_name = parameter.dataset_name
    WHERE
        label_current.level IN ('patient', 'slice')
        AND label_current.status = 'clean'
        AND (label_current.family = 'haemorrhage' OR label_current.domain_name IN ('any_haemorrhage', 'fracture'))
),

-- A patient with slices of both answers is there twice, and positive once.
counted AS (
    SELECT
        dataset_id,
        label_domain_id,
        sum(CASE level WHEN 'patient' THEN is_present END) AS by_patient_label,
        sum(CASE level WHEN 'slice' THEN is_present END) AS by_slice_label
    FROM asserted
    GROUP BY dataset_id, label_domain_id
)

SELECT
    dataset.name AS dataset_name,
    dataset.version AS dataset_version,
    label_domain.name AS domain_name,
    CAST(counted.by_patient_label AS bigint) AS patient_count_by_patient_label,
    CAST(counted.by_slice_label AS bigint) AS patient_count_by_slice_label
FROM counted
INNER JOIN dataset ON dataset.dataset_id = counted.dataset_id
INNER JOIN label_domain ON label_domain.label_domain_id = counted.label_domain_id
ORDER BY dataset.name, dataset.version, label_domain.name;
