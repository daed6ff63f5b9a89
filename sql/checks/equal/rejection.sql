-- What is compared of rejection when two warehouses should be equal.
--
-- Grain: one row per file or table row that a run could not take, with the reason in one sentence.
-- A file that several runs rejected alike counts once.
-- Inputs: rejection
-- Left out: rejection_id, ingest_run_id, replayed_at, resolution, file_number
SELECT DISTINCT
    source_file_id,
    row_number,
    stage,
    code,
    byte_offset,
    reader_version,
    sentence
FROM rejection
ORDER BY
    source_file_id NULLS FIRST,
    row_number NULLS FIRST,
    stage,
    code,
    byte_offset NULLS FIRST;
