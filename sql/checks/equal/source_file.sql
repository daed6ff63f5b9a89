-- What is compared of source_file when two warehouses should be equal.
--
-- Grain: one row per file ever met: root × relative path, with what became of its content.
-- Inputs: source_file
-- Left out: mtime_ns, ctime_ns, first_ingest_run_id, ingest_run_id
SELECT
    source_file_id,
    root,
    relative_path,
    dataset_id,
    size_bytes,
    sha256,
    outcome,
    reason
FROM source_file
ORDER BY
    source_file_id;
