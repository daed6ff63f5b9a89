-- What is compared of label_value when two warehouses should be equal.
--
-- Grain: one row per label × ruleset × value: what the rules made of the raw assertion. A list gives several values.
-- Inputs: label_value
SELECT
    patient_id,
    label_source_id,
    label_id,
    label_ruleset_id,
    value_ordinal,
    status,
    label_term_id,
    number_value,
    text_value,
    rule_index,
    reason
FROM label_value
ORDER BY
    patient_id,
    label_source_id,
    label_id,
    label_ruleset_id,
    value_ordinal;
