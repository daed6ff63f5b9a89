-- How often each answer was given, and how much of a domain the most frequent answers cover.
--
-- Grain: one row per domain × level × status × term; numbers and text have one row per status, without a term.
-- Inputs: label_current
-- depends: label_current
CREATE VIEW label_domain_summary AS
WITH counted AS (
    SELECT
        domain_name,
        family,
        value_kind,
        level,
        COALESCE(status, 'not cleaned') AS status,
        term_name,
        term_ordinal,
        count(*) AS label_count,
        count(DISTINCT subject_id) AS subject_count,
        count(DISTINCT patient_id) AS patient_count
    FROM label_current
    GROUP BY domain_name, family, value_kind, level, status, term_name, term_ordinal
),

ranked AS (
    SELECT
        counted.*,
        CAST(sum(label_count) OVER (PARTITION BY domain_name, level) AS double precision) AS domain_count,
        CAST(sum(label_count) OVER (
            PARTITION BY domain_name, level
            ORDER BY label_count DESC, status, COALESCE(term_name, '')
            ROWS UNBOUNDED PRECEDING
        ) AS double precision) AS covered_count
    FROM counted
)

SELECT
    domain_name,
    family,
    level,
    value_kind,
    status,
    term_name,
    term_ordinal,
    label_count,
    subject_count,
    patient_count,
    label_count / domain_count AS share,
    covered_count / domain_count AS cumulative_share
FROM ranked
ORDER BY domain_name, level, label_count DESC, status, COALESCE(term_name, '');
