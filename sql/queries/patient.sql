-- Everything that is known about one patient, in every dataset that holds the person.
--
-- Grain: one row per fact: series, label value, kind of mark, finding, fold; fact_count says how many slices, labels or
-- marks that is. Labels and marks are those that count; status is that of a label, and what no rule made a value of
-- (quarantined, dropped, empty, not cleaned) is shown as it was written.
-- Inputs: patient, patient_alias, dataset, series, label_current, annotation_current, reader, quality_finding,
-- split_assignment, split
WITH parameter AS (
    SELECT
        CAST('049' AS text) AS patient_key -- as slicehouse series shows it
),

named AS (
    SELECT patient.patient_id
    FROM parameter
    INNER JOIN patient ON patient.patient_key = parameter.patient_key
),

person AS (
    SELECT named.patient_id FROM named
    UNION
    SELECT patient_alias.alias_patient_id AS patient_id
    FROM patient_alias
    INNER JOIN named ON named.patient_id = patient_alias.patient_id
    UNION
    SELECT patient_alias.patient_id
    FROM patient_alias
    INNER JOIN named ON named.patient_id = patient_alias.alias_patient_id
),

answer AS (
    SELECT
        label_current.patient_id,
        label_current.level,
        label_current.domain_name,
        CASE
            WHEN label_current.status = 'clean' THEN coalesce(label_current.term_name, label_current.text_value)
            ELSE label_current.raw_value
        END AS value,
        label_current.number_value,
        coalesce(label_current.status, 'not cleaned') AS status
    FROM person
    INNER JOIN label_current ON label_current.patient_id = person.patient_id
),

fact AS (
    SELECT
        series.patient_id,
        1 AS place,
        'series' AS kind,
        series.series_key AS subject,
        series.role || coalesce(' ' || series.modality, '') AS name,
        'slices' AS value,
        CAST(NULL AS double precision) AS number_value,
        CAST(NULL AS text) AS status,
        series.slice_count AS fact_count
    FROM person
    INNER JOIN series ON series.patient_id = person.patient_id
    UNION ALL
    SELECT
        answer.patient_id,
        2 AS place,
        'label' AS kind,
        answer.level AS subject,
        answer.domain_name AS name,
        answer.value,
        answer.number_value,
        answer.status,
        count(*) AS fact_count
    FROM answer
    GROUP BY
        answer.patient_id, answer.level, answer.domain_name, answer.value, answer.number_value, answer.status
    UNION ALL
    SELECT
        annotation_current.patient_id,
        3 AS place,
        'mark' AS kind,
        coalesce(reader.reader_key, 'unknown reader') AS subject,
        annotation_current.target AS name,
        annotation_current.kind AS value,
        CAST(NULL AS double precision) AS number_value,
        CAST(NULL AS text) AS status,
        count(*) AS fact_count
    FROM person
    INNER JOIN annotation_current ON annotation_current.patient_id = person.patient_id
    LEFT JOIN reader ON reader.reader_id = annotation_current.reader_id
    GROUP BY
        annotation_current.patient_id, reader.reader_key, annotation_current.target, annotation_current.kind
    UNION ALL
    SELECT
        quality_finding.patient_id,
        4 AS place,
        'finding' AS kind,
        quality_finding.level AS subject,
        quality_finding.check_name AS name,
        quality_finding.sentence AS value,
        CAST(NULL AS double precision) AS number_value,
        CAST(NULL AS text) AS status,
        1 AS fact_count
    FROM person
    INNER JOIN quality_finding ON quality_finding.patient_id = person.patient_id
    UNION ALL
    SELECT
        split_assignment.patient_id,
        5 AS place,
        'fold' AS kind,
        split.name AS subject,
        split_assignment.fold AS name,
        split.method AS value,
        CAST(NULL AS double precision) AS number_value,
        CAST(NULL AS text) AS status,
        1 AS fact_count
    FROM person
    INNER JOIN split_assignment ON split_assignment.patient_id = person.patient_id
    INNER JOIN split ON split.split_id = split_assignment.split_id
)

SELECT
    dataset.name AS dataset_name,
    dataset.version AS dataset_version,
    patient.patient_key,
    fact.kind,
    fact.subject,
    fact.name,
    fact.value,
    fact.number_value,
    fact.status,
    fact.fact_count
FROM fact
INNER JOIN patient ON patient.patient_id = fact.patient_id
INNER JOIN dataset ON dataset.dataset_id = patient.dataset_id
ORDER BY
    dataset.name,
    dataset.version,
    patient.patient_key,
    fact.place,
    fact.subject,
    fact.name,
    fact.value NULLS FIRST,
    fact.number_value NULLS FIRST,
    fact.status NULLS FIRST,
    fact.fact_count;
