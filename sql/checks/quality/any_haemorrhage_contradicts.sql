-- "Any haemorrhage" (RSNA 2019) is present where one of the five types is, and absent where all five are.
--
-- Grain: one row per slice where both were asserted and differ: any and a type, or any and all five types.
-- Inputs: label_current, label, label_value, label_domain, label_term, label_source, label_correction, slice
WITH any_domain AS (
    SELECT label_domain.label_domain_id
    FROM label_domain
    WHERE
        label_domain.name = 'any_haemorrhage'
        AND EXISTS (SELECT 1 FROM label WHERE label.label_domain_id = label_domain.label_domain_id)
),

-- Of millions of labels few are present, and where both are there is nothing to look at. IN brings their ids into
-- order, so that SQLite reads each page of labels once.
present AS MATERIALIZED (
    SELECT
        label.patient_id,
        label.slice_id,
        max(CASE WHEN label.label_domain_id IN (SELECT label_domain_id FROM any_domain) THEN 1 ELSE 0 END)
            AS any_present,
        max(CASE WHEN label.label_domain_id IN (SELECT label_domain_id FROM any_domain) THEN 0 ELSE 1 END)
            AS type_present
    FROM label
    WHERE
        label.label_id IN (
            SELECT label_value.label_id
            FROM any_domain
            CROSS JOIN label_domain
            CROSS JOIN label_term
            CROSS JOIN label_value
            WHERE
                label_domain.name IN (
                    'intraventricular', 'intraparenchymal', 'subarachnoid', 'epidural', 'subdural', 'any_haemorrhage'
                )
                AND label_term.label_domain_id = label_domain.label_domain_id
                AND label_term.name = 'present'
                AND label_value.label_term_id = label_term.label_term_id
                AND label_value.label_ruleset_id = label_domain.current_ruleset_id
                AND label_value.label_source_id IN (
                    SELECT label_source.label_source_id
                    FROM label_source
                    WHERE label_source.is_active
                )
        )
        AND label.label_id NOT IN (SELECT label_correction.label_id FROM label_correction)
        AND label.level = 'slice'
    GROUP BY label.patient_id, label.slice_id
),

-- By the index of the subject.
beside AS MATERIALIZED (
    SELECT label.patient_id, label.label_source_id, label.label_id
    FROM present
    CROSS JOIN label_source
    CROSS JOIN label
    WHERE
        present.any_present <> present.type_present
        AND label.patient_id = present.patient_id
        AND label.label_source_id = label_source.label_source_id
        AND label.subject_id = present.slice_id
),

answer AS (
    SELECT
        label_current.patient_id,
        label_current.slice_id,
        max(CASE
            WHEN label_current.domain_name <> 'any_haemorrhage' THEN NULL
            WHEN label_current.term_name = 'present' THEN 1
            ELSE 0
        END) AS any_haemorrhage,
        max(CASE
            WHEN label_current.domain_name = 'any_haemorrhage' THEN NULL
            WHEN label_current.term_name = 'present' THEN 1
            ELSE 0
        END) AS any_type,
        count(DISTINCT CASE
            WHEN label_current.domain_name = 'any_haemorrhage' THEN NULL
            ELSE label_current.domain_name
        END) AS type_count
    FROM beside
    CROSS JOIN label_current
    WHERE
        label_current.patient_id = beside.patient_id
        AND label_current.label_source_id = beside.label_source_id
        AND label_current.label_id = beside.label_id
        AND label_current.level = 'slice'
        AND label_current.status = 'clean'
        AND label_current.term_name IN ('present', 'absent')
        AND label_current.domain_name IN (
            'intraventricular', 'intraparenchymal', 'subarachnoid', 'epidural', 'subdural', 'any_haemorrhage'
        )
    GROUP BY label_current.patient_id, label_current.slice_id
)

SELECT
    answer.patient_id,
    slice.series_id,
    answer.slice_id,
    answer.any_haemorrhage,
    answer.any_type
FROM answer
INNER JOIN slice ON slice.patient_id = answer.patient_id AND slice.slice_id = answer.slice_id
WHERE
    answer.any_haemorrhage <> answer.any_type
    AND (answer.any_type = 1 OR answer.type_count = 5)
ORDER BY answer.patient_id, slice.series_id, answer.slice_id;
