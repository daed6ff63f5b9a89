-- Patients known to be one person, also through others, are in one fold.
--
-- Grain: one row per split × patient with a fold whose identity (patients connected by patient_link) is in several:
-- the link was learnt after the split was made, and nobody was moved. A patient without a fold may be the link.
-- Inputs: patient_link, split_assignment
WITH RECURSIVE link AS MATERIALIZED (
    SELECT patient_id, linked_patient_id FROM patient_link
    UNION
    SELECT linked_patient_id, patient_id FROM patient_link
),

-- Those without a smaller neighbour. The smallest of each identity is one of them, and starts from everybody else would
-- find nothing more.
start AS (
    SELECT patient_id
    FROM link
    GROUP BY patient_id
    HAVING min(linked_patient_id) > patient_id
),

reached AS (
    SELECT patient_id AS start_patient_id, patient_id
    FROM start
    UNION
    SELECT reached.start_patient_id, link.linked_patient_id
    FROM reached
    INNER JOIN link ON link.patient_id = reached.patient_id
),

identity AS (
    SELECT patient_id, min(start_patient_id) AS identity_patient_id
    FROM reached
    GROUP BY patient_id
),

torn AS (
    SELECT split_assignment.split_id, identity.identity_patient_id
    FROM identity
    INNER JOIN split_assignment ON split_assignment.patient_id = identity.patient_id
    GROUP BY split_assignment.split_id, identity.identity_patient_id
    HAVING min(split_assignment.fold) <> max(split_assignment.fold)
)

SELECT torn.split_id, torn.identity_patient_id, split_assignment.patient_id, split_assignment.fold
FROM torn
INNER JOIN identity ON identity.identity_patient_id = torn.identity_patient_id
INNER JOIN split_assignment
    ON split_assignment.split_id = torn.split_id
    AND split_assignment.patient_id = identity.patient_id
ORDER BY torn.split_id, torn.identity_patient_id, split_assignment.patient_id;
