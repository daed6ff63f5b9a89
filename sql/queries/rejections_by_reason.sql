-- How often each reason for a rejection occurs.
--
-- Grain: one row per run × stage × code.
-- Inputs: rejection
WITH parameter AS (
    SELECT
        CAST(NULL AS bigint) AS ingest_run_id -- only this run; NULL for all
)

SELECT
    rejection.ingest_run_id,
    rejection.stage,
    rejection.code,
    count(*) AS rejection_count,
    count(*) - count(rejection.replayed_at) AS standing_count
FROM parameter
INNER JOIN rejection
    ON parameter.ingest_run_id IS NULL OR rejection.ingest_run_id = parameter.ingest_run_id
GROUP BY rejection.ingest_run_id, rejection.stage, rejection.code
ORDER BY rejection.ingest_run_id, rejection_count DESC, rejection.stage, rejection.code;
