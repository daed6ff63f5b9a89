-- A domain that has labels has a current ruleset.
--
-- Grain: one row per domain that breaks it.
-- Inputs: label_domain, label
SELECT label_domain.label_domain_id, label_domain.name
FROM label_domain
WHERE
    label_domain.current_ruleset_id IS NULL
    AND EXISTS (SELECT 1 FROM label WHERE label.label_domain_id = label_domain.label_domain_id)
ORDER BY label_domain.label_domain_id;
