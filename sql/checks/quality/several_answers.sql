-- One source answers one question about one subject twice, and differently.
--
-- Grain: one row per source × subject × domain × reader with more than one answer.
-- Inputs: label
SELECT
    patient_id,
    label_source_id,
    label_domain_id,
    reader_id,
    level,
    subject_id,
    count(*) AS answer_count
FROM label
GROUP BY patient_id, label_source_id, label_domain_id, reader_id, level, subject_id
HAVING count(*) > 1
ORDER BY patient_id, label_source_id, label_domain_id, subject_id, reader_id;
