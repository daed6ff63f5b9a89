-- The dirty tail: raw values that no rule understood, and terms' raw values beyond the frequent 99%.
--
-- Grain: one row per domain × level × raw value; the example is its first row in the first source by name.
-- Inputs: label_current
-- depends: label_current
CREATE VIEW label_tail AS
WITH raw_label AS (
    -- A list gives several values; the raw text still counts once.
    SELECT
        domain_name,
        value_kind,
        level,
        raw_value,
        label_source_name,
        source_row,
        label_id,
        min(COALESCE(status, 'not cleaned')) AS status,
        min(term_name) AS term_name
    FROM label_current
    GROUP BY domain_name, value_kind, level, raw_value, label_source_name, source_row, label_id
),

numbered AS (
    SELECT
        raw_label.*,
        row_number() OVER (
            PARTITION BY domain_name, level, raw_value
            ORDER BY label_source_name, source_row NULLS LAST, label_id
        ) AS example_rank
    FROM raw_label
),

counted AS (
    SELECT
        domain_name,
        value_kind,
        level,
        raw_value,
        min(status) AS status,
        min(term_name) AS term_name,
        count(*) AS label_count,
        min(CASE WHEN example_rank = 1 THEN label_source_name END) AS example_source,
        min(CASE WHEN example_rank = 1 THEN source_row END) AS example_row
    FROM numbered
    GROUP BY domain_name, value_kind, level, raw_value
),

ranked AS (
    SELECT
        counted.*,
        CAST(sum(label_count) OVER (PARTITION BY domain_name, level) AS double precision) AS domain_count,
        CAST(sum(label_count) OVER (
            PARTITION BY domain_name, level
            ORDER BY label_count DESC, raw_value
            ROWS UNBOUNDED PRECEDING
        ) AS double precision) AS covered_count
    FROM counted
)

SELECT
    domain_name,
    level,
    raw_value,
    status,
    term_name,
    label_count,
    label_count / domain_count AS share,
    covered_count / domain_count AS cumulative_share,
    example_source,
    example_row
FROM ranked
WHERE
    status IN ('quarantined', 'dropped', 'not cleaned')
    OR (value_kind = 'term' AND (covered_count - label_count) / domain_count >= 0.99)
ORDER BY domain_name, level, label_count DESC, raw_value;
