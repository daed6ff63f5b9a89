-- What is compared of label_rule when two warehouses should be equal.
--
-- Grain: one row per rule of a ruleset, in the order in which they are applied.
-- Inputs: label_rule
SELECT
    label_ruleset_id,
    rule_index,
    kind,
    pattern,
    label_term_id,
    parameters AS parameters_json
FROM label_rule
ORDER BY
    label_ruleset_id,
    rule_index;
