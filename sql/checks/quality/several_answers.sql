-- One source answers one question about one subject twice, and differently.
--
-- Grain: one row per source × subject × domain × reader with more than one answer that counts.
-- Inputs: label, label_source, label_domain, label_correction, dataset
WITH repeated AS (
    SELECT DISTINCT patient_id, label_source_id, subject_id, label_domain_id, reader_id
    FROM label
    WHERE occurrence > 0
)

SELECT
    label.patient_id,
    label.series_id,
    label.slice_id,
    label.label_source_id,
    label.label_domain_id,
    label.reader_id,
    label.level,
    label.subject_id,
    count(DISTINCT label.raw_value) AS answer_count,
    'The source ' || label_source.name || ' of ' || dataset.name
        || CASE WHEN dataset.version = '' THEN '' ELSE '@' || dataset.version END
        || ' gives ' || CAST(count(DISTINCT label.raw_value) AS text) || ' different answers to ' || label_domain.name || ' for this '
        || label.level || ', and all count; take the wrong ones out with slicehouse domains correct '
        || label_domain.name || ' --withdraw, which names them with their values.' AS note
-- CROSS JOIN makes SQLite begin with what is repeated, which is little.
FROM repeated
CROSS JOIN label
INNER JOIN label_source ON label_source.label_source_id = label.label_source_id
INNER JOIN dataset ON dataset.dataset_id = label_source.dataset_id
INNER JOIN label_domain ON label_domain.label_domain_id = label.label_domain_id
LEFT JOIN label_correction
    ON label_correction.patient_id = label.patient_id
    AND label_correction.label_source_id = label.label_source_id
    AND label_correction.label_id = label.label_id
WHERE
    label.patient_id = repeated.patient_id
    AND label.label_source_id = repeated.label_source_id
    AND label.subject_id = repeated.subject_id
    AND label.label_domain_id = repeated.label_domain_id
    AND label.reader_id = repeated.reader_id
    AND label_source.is_active
    AND label_correction.label_id IS NULL
GROUP BY
    label.patient_id, label.series_id, label.slice_id, label.label_source_id, label.label_domain_id, label.reader_id,
    label.level, label.subject_id, label_source.name, dataset.name, dataset.version, label_domain.name
HAVING count(DISTINCT label.raw_value) > 1
ORDER BY label.patient_id, label.label_source_id, label.label_domain_id, label.subject_id, label.reader_id;
