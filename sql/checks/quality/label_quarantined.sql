-- Every value of a table of labels is understood by the rules of its domain.
--
-- Grain: one row per table in force × domain with values that wait for a person; files of one dataset and name are one
-- table. What a person corrected or withdrew waits no more.
-- Inputs: label_value, label_correction, label_ruleset, label_domain, label_source, dataset
--
-- One pass over the values, and labels are not looked at: a ruleset knows its domain, and a value that is quarantined
-- is the only one of its label and ruleset.
WITH quarantined AS MATERIALIZED (
    SELECT label_value.label_source_id, label_value.label_ruleset_id, count(*) AS value_count
    FROM label_value
    LEFT JOIN label_correction
        ON label_correction.patient_id = label_value.patient_id
        AND label_correction.label_source_id = label_value.label_source_id
        AND label_correction.label_id = label_value.label_id
    WHERE label_value.status = 'quarantined' AND label_correction.label_id IS NULL
    GROUP BY label_value.label_source_id, label_value.label_ruleset_id
),

waiting AS (
    SELECT
        label_source.dataset_id,
        label_source.name AS table_name,
        label_domain.name AS domain_name,
        CAST(sum(quarantined.value_count) AS bigint) AS value_count
    FROM quarantined
    INNER JOIN label_ruleset ON label_ruleset.label_ruleset_id = quarantined.label_ruleset_id
    INNER JOIN label_domain
        ON label_domain.label_domain_id = label_ruleset.label_domain_id
        AND label_domain.current_ruleset_id = quarantined.label_ruleset_id
    INNER JOIN label_source ON label_source.label_source_id = quarantined.label_source_id
    WHERE label_source.is_active AND label_source.sha256 IS NOT NULL
    GROUP BY label_source.dataset_id, label_source.name, label_domain.name
)

SELECT
    waiting.dataset_id,
    waiting.table_name,
    waiting.domain_name,
    waiting.value_count,
    CAST(waiting.value_count AS text) || CASE waiting.value_count WHEN 1 THEN ' value' ELSE ' values' END
        || ' of ' || waiting.domain_name || ' in the table ' || waiting.table_name || ' of ' || dataset.name
        || CASE WHEN dataset.version = '' THEN '' ELSE '@' || dataset.version END
        || CASE waiting.value_count WHEN 1 THEN ' is not understood and waits' ELSE ' are not understood and wait' END
        || ' for a person; see slicehouse domains ' || waiting.domain_name
        || ' --tail, add rules for them to the vocabulary, and apply these with slicehouse domains clean.' AS sentence
FROM waiting
INNER JOIN dataset ON dataset.dataset_id = waiting.dataset_id
ORDER BY waiting.dataset_id, waiting.table_name, waiting.domain_name;
