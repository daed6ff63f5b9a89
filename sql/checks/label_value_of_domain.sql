-- The values of a label come from rulesets and terms of its own domain; those that count are of its kind and range.
--
-- Grain: one row per label value that breaks it.
-- Inputs: label_value, label, label_domain, label_ruleset, label_term
SELECT label_value.patient_id, label_value.label_source_id, label_value.label_id, label_value.value_ordinal
FROM label_value
INNER JOIN label
    ON label.patient_id = label_value.patient_id
    AND label.label_source_id = label_value.label_source_id
    AND label.label_id = label_value.label_id
INNER JOIN label_domain ON label_domain.label_domain_id = label.label_domain_id
INNER JOIN label_ruleset ON label_ruleset.label_ruleset_id = label_value.label_ruleset_id
LEFT JOIN label_term ON label_term.label_term_id = label_value.label_term_id
WHERE
    label_ruleset.label_domain_id <> label.label_domain_id
    OR label_term.label_domain_id <> label.label_domain_id
    -- Values of earlier rulesets are of the kind that the domain had then.
    OR (label_value.label_ruleset_id = label_domain.current_ruleset_id
        AND (
            (label_value.label_term_id IS NOT NULL AND label_domain.value_kind <> 'term')
            OR (label_value.number_value IS NOT NULL AND label_domain.value_kind <> 'number')
            OR (label_value.text_value IS NOT NULL AND label_domain.value_kind <> 'text')
            OR label_value.number_value < label_domain.minimum
            OR label_value.number_value > label_domain.maximum
        ))
ORDER BY
    label_value.patient_id,
    label_value.label_source_id,
    label_value.label_id,
    label_value.value_ordinal;
