-- In = out: what a finished run saw, it stored, knew, read for labels, ignored or rejected.
--
-- Grain: one row per run that breaks it. A running run is still counting; one that was killed or failed may have seen
-- more than it got to, never less.
-- Inputs: ingest_run
SELECT
    ingest_run_id,
    status,
    seen_count,
    stored_count + known_count + label_source_count + ignored_count + rejected_count AS accounted_count
FROM ingest_run
WHERE
    (status = 'completed'
        AND seen_count <> stored_count + known_count + label_source_count + ignored_count + rejected_count)
    OR seen_count < stored_count + known_count + label_source_count + ignored_count + rejected_count
ORDER BY ingest_run_id;
