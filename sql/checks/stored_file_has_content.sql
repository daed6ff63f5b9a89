-- A stored file gave at least one slice or object; a label source gave a label source.
--
-- Grain: one row per source file that breaks it.
-- Inputs: source_file, slice_source, series_source, label_source
SELECT source_file.source_file_id, source_file.outcome
FROM source_file
WHERE
    (source_file.outcome = 'stored'
        AND NOT EXISTS (
            SELECT 1 FROM slice_source WHERE slice_source.source_file_id = source_file.source_file_id
        )
        AND NOT EXISTS (
            SELECT 1 FROM series_source WHERE series_source.source_file_id = source_file.source_file_id
        ))
    OR (source_file.outcome = 'label_source' AND source_file.sha256 IS NULL)
ORDER BY source_file.source_file_id;
