-- What is compared of label_ruleset when two warehouses should be equal.
--
-- Grain: one row per version of the cleaning rules of a domain.
-- Inputs: label_ruleset
-- Left out: created_at
SELECT
    label_ruleset_id,
    label_domain_id,
    version,
    sha256,
    canonical_json,
    source_file
FROM label_ruleset
ORDER BY
    label_ruleset_id;
