-- The current ruleset of a domain has been applied to every label of it.
--
-- Grain: one row per label that breaks it.
-- Inputs: label, label_domain, label_value
SELECT label.patient_id, label.label_source_id, label.label_id
FROM label
INNER JOIN label_domain ON label_domain.label_domain_id = label.label_domain_id
WHERE
    NOT EXISTS (
        SELECT 1
        FROM label_value
        WHERE
            label_value.patient_id = label.patient_id
            AND label_value.label_source_id = label.label_source_id
            AND label_value.label_id = label.label_id
            AND label_value.label_ruleset_id = label_domain.current_ruleset_id
    )
ORDER BY label.patient_id, label.label_source_id, label.label_id;
