-- One source answers one question about one subject twice, and differently.
--
-- Grain: one row per source × subject × domain × reader with more than one answer.
-- Inputs: label
WITH repeated AS (
    SELECT DISTINCT patient_id, label_source_id, subject_id, label_domain_id, reader_id
    FROM label
    WHERE occurrence > 0
)

SELECT
    label.patient_id,
    label.label_source_id,
    label.label_domain_id,
    label.reader_id,
    label.level,
    label.subject_id,
    count(*) AS answer_count
FROM repeated
INNER JOIN label
    ON label.patient_id = repeated.patient_id
    AND label.label_source_id = repeated.label_source_id
    AND label.subject_id = repeated.subject_id
    AND label.label_domain_id = repeated.label_domain_id
    AND label.reader_id = repeated.reader_id
GROUP BY
    label.patient_id, label.label_source_id, label.label_domain_id, label.reader_id, label.level, label.subject_id
HAVING count(*) > 1
ORDER BY label.patient_id, label.label_source_id, label.label_domain_id, label.subject_id, label.reader_id;
