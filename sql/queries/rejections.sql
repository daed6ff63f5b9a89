-- What could not be taken, and why.
--
-- Grain: one row per rejected file or table row that has not been replayed since.
-- Inputs: rejection, source_file, dataset; folders and files of clinical data are tokens
WITH parameter AS (
    SELECT
        CAST(NULL AS bigint) AS ingest_run_id, -- only this run; NULL for all
        CAST(NULL AS text) AS code -- only this reason; NULL for all
)

SELECT
    rejection.ingest_run_id,
    dataset.name AS dataset_name,
    dataset.version AS dataset_version,
    source_file.root,
    source_file.relative_path,
    rejection.file_number,
    rejection.row_number,
    rejection.stage,
    rejection.code,
    rejection.byte_offset,
    rejection.reader_version,
    rejection.sentence
FROM parameter
INNER JOIN rejection
    ON (parameter.ingest_run_id IS NULL OR rejection.ingest_run_id = parameter.ingest_run_id)
    AND (parameter.code IS NULL OR rejection.code = parameter.code)
LEFT JOIN source_file ON source_file.source_file_id = rejection.source_file_id
LEFT JOIN dataset ON dataset.dataset_id = source_file.dataset_id
WHERE rejection.replayed_at IS NULL
ORDER BY rejection.ingest_run_id, rejection.file_number, rejection.row_number, rejection.rejection_id;
