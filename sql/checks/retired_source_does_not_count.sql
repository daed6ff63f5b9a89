-- A source that a person retired does not count until it is restored, and is retired once at a time.
--
-- Grain: one row per source that breaks it.
-- Inputs: label_source, label_source_retirement
SELECT
    label_source.label_source_id,
    CAST(label_source.is_active AS integer) AS is_active,
    count(*) AS standing_count
FROM label_source
INNER JOIN label_source_retirement ON label_source_retirement.label_source_id = label_source.label_source_id
WHERE label_source_retirement.restored_at IS NULL
GROUP BY label_source.label_source_id, label_source.is_active
HAVING count(*) > 1 OR CAST(label_source.is_active AS integer) = 1
ORDER BY label_source.label_source_id;
