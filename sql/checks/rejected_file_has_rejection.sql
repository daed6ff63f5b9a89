-- A rejected file has a rejection that says why: it stands, or the file is no longer there, or no longer as it was.
--
-- Grain: one row per source file that breaks it.
-- Inputs: source_file, rejection
SELECT source_file.source_file_id, source_file.reason
FROM source_file
LEFT JOIN rejection
    ON rejection.source_file_id = source_file.source_file_id
    AND rejection.row_number IS NULL
    AND (
        rejection.replayed_at IS NULL
        OR rejection.resolution = 'file_gone'
        -- Named alone, the file was read as one of another folder.
        OR rejection.ingest_run_id = source_file.ingest_run_id
    )
WHERE
    source_file.outcome = 'rejected'
    AND rejection.rejection_id IS NULL
ORDER BY source_file.source_file_id;
