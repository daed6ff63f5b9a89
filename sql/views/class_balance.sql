-- How balanced each question is in each collection.
--
-- Grain: one row per dataset × domain × level × term, over clean values; share is among them.
-- Inputs: label_current
-- depends: label_current
CREATE VIEW class_balance AS
WITH counted AS (
    SELECT
        dataset_name,
        dataset_version,
        domain_name,
        family,
        level,
        term_name,
        term_ordinal,
        count(*) AS label_count,
        count(DISTINCT subject_id) AS subject_count,
        count(DISTINCT patient_id) AS patient_count
    FROM label_current
    WHERE
        status = 'clean'
        AND term_name IS NOT NULL
    GROUP BY dataset_name, dataset_version, domain_name, family, level, term_name, term_ordinal
)

SELECT
    counted.*,
    label_count / CAST(sum(label_count) OVER (
        PARTITION BY dataset_name, dataset_version, domain_name, level
    ) AS double precision) AS share
FROM counted
ORDER BY dataset_name, dataset_version, domain_name, level, term_ordinal NULLS LAST, term_name;
