-- What is odd about the data, most frequent first.
--
-- Grain: one row per check × severity × level.
-- Inputs: quality_finding
WITH parameter AS (
    SELECT
        CAST(NULL AS text) AS check_name -- only this check; NULL for all
)

SELECT
    quality_finding.check_name,
    quality_finding.severity,
    quality_finding.level,
    count(*) AS finding_count,
    count(DISTINCT quality_finding.patient_id) AS patient_count,
    min(quality_finding.sentence) AS example
FROM parameter
INNER JOIN quality_finding
    ON parameter.check_name IS NULL OR quality_finding.check_name = parameter.check_name
GROUP BY quality_finding.check_name, quality_finding.severity, quality_finding.level
ORDER BY finding_count DESC, quality_finding.check_name, quality_finding.severity, quality_finding.level;
