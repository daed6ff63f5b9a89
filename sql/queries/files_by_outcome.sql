-- What became of the files that were met, by outcome and reason.
--
-- Grain: one row per dataset × outcome × reason.
-- Inputs: source_file, dataset
--
-- A file that was left aside before its data set was recognised has a second row, which is left out.
SELECT
    dataset.name AS dataset_name,
    dataset.version AS dataset_version,
    source_file.outcome,
    source_file.reason,
    count(*) AS file_count,
    CAST(sum(source_file.size_bytes) AS bigint) AS byte_count
FROM source_file
LEFT JOIN dataset ON dataset.dataset_id = source_file.dataset_id
WHERE COALESCE(source_file.reason, '') <> 'in a data set since'
GROUP BY dataset.name, dataset.version, source_file.outcome, source_file.reason
ORDER BY dataset.name NULLS FIRST, dataset.version NULLS FIRST, source_file.outcome, source_file.reason NULLS FIRST;
