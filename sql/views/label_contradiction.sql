-- Patients whose file says one thing and whose structured columns another.
--
-- Grain: one row per patient × domain × kind of contradiction:
--   normal_but_present     the condition on file is normal, and the column says present
--   named_but_absent       the condition on file names the type, and the column says absent
--   present_but_not_named  the column says present, and the condition on file names only other types
--   patient_versus_slices  the column of the patient differs from what the slices of the patient say together
-- "Intracranial" names no type: it neither contradicts a type nor leaves one out.
-- Inputs: label_current
-- depends: label_current
CREATE VIEW label_contradiction AS
WITH answer AS (
    SELECT
        label_current.dataset_name,
        label_current.dataset_version,
        label_current.patient_id,
        label_current.level,
        label_current.domain_name,
        label_current.term_name
    FROM label_current
    WHERE
        label_current.level IN ('patient', 'slice')
        AND label_current.status = 'clean'
        -- Of the others there is nothing to compare, and they may have millions of slices.
        AND label_current.patient_id IN (SELECT label.patient_id FROM label WHERE label.level = 'patient')
),

type_name (term_name, domain_name) AS (
    VALUES
        ('extradural', 'epidural'),
        ('subdural', 'subdural'),
        ('subarachnoid', 'subarachnoid'),
        ('intraventricular', 'intraventricular')
),

condition_on_file AS (
    SELECT
        patient_id,
        max(CASE WHEN term_name = 'normal' THEN 1 ELSE 0 END) AS is_normal,
        max(CASE WHEN term_name = 'intracranial' THEN 1 ELSE 0 END) AS is_unspecific
    FROM answer
    WHERE domain_name = 'condition_on_file'
    GROUP BY patient_id
),

named AS (
    SELECT DISTINCT answer.patient_id, type_name.domain_name
    FROM answer
    INNER JOIN type_name ON type_name.term_name = answer.term_name
    WHERE answer.domain_name = 'condition_on_file'
),

flag AS (
    SELECT
        dataset_name,
        dataset_version,
        patient_id,
        domain_name,
        max(CASE WHEN level = 'patient' THEN CASE term_name WHEN 'present' THEN 1 ELSE 0 END END) AS by_patient,
        max(CASE WHEN level = 'slice' THEN CASE term_name WHEN 'present' THEN 1 ELSE 0 END END) AS by_slices
    FROM answer
    WHERE
        domain_name IN (
            'intraventricular', 'intraparenchymal', 'subarachnoid', 'epidural', 'subdural', 'fracture'
        )
    GROUP BY dataset_name, dataset_version, patient_id, domain_name
),

compared AS (
    SELECT
        flag.*,
        condition_on_file.is_normal,
        condition_on_file.is_unspecific,
        CASE WHEN named.domain_name IS NULL THEN 0 ELSE 1 END AS is_named
    FROM flag
    LEFT JOIN condition_on_file ON condition_on_file.patient_id = flag.patient_id
    LEFT JOIN named ON named.patient_id = flag.patient_id AND named.domain_name = flag.domain_name
),

contradiction AS (
    SELECT compared.*, 'normal_but_present' AS kind
    FROM compared
    WHERE is_normal = 1 AND by_patient = 1
    UNION ALL
    SELECT compared.*, 'named_but_absent' AS kind
    FROM compared
    WHERE is_named = 1 AND by_patient = 0
    UNION ALL
    SELECT compared.*, 'present_but_not_named' AS kind
    FROM compared
    WHERE
        is_normal = 0
        AND is_unspecific = 0
        AND is_named = 0
        AND by_patient = 1
        AND domain_name <> 'fracture'
    UNION ALL
    SELECT compared.*, 'patient_versus_slices' AS kind
    FROM compared
    WHERE by_patient <> by_slices
)

SELECT
    dataset_name,
    dataset_version,
    patient_id,
    kind,
    domain_name,
    by_patient,
    by_slices
FROM contradiction;
