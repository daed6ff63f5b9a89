-- What is compared of label_domain when two warehouses should be equal.
--
-- Grain: one row per question that labels answer, such as epidural or age.
-- Inputs: label_domain
SELECT
    label_domain_id,
    name,
    family,
    value_kind,
    unit,
    minimum,
    maximum,
    level,
    current_ruleset_id,
    description
FROM label_domain
ORDER BY
    label_domain_id;
