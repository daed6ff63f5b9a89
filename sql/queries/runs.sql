-- What the runs did.
--
-- Grain: one row per run, the latest first.
-- Inputs: ingest_run
WITH parameter AS (
    SELECT
        CAST(NULL AS text) AS status, -- only runs in this state; NULL for all
        CAST(20 AS bigint) AS latest -- how many
),

ranked AS (
    SELECT
        ingest_run.*,
        row_number() OVER (ORDER BY ingest_run.ingest_run_id DESC) AS age
    FROM parameter
    INNER JOIN ingest_run ON parameter.status IS NULL OR ingest_run.status = parameter.status
)

SELECT
    ranked.ingest_run_id,
    ranked.started_at,
    ranked.finished_at,
    ranked.status,
    ranked.seen_count,
    ranked.stored_count,
    ranked.known_count,
    ranked.label_source_count,
    ranked.ignored_count,
    ranked.rejected_count,
    ranked.slice_count,
    ranked.slicehouse_version
FROM parameter
INNER JOIN ranked ON ranked.age <= parameter.latest
ORDER BY ranked.ingest_run_id DESC;
