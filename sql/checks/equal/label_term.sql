-- What is compared of label_term when two warehouses should be equal.
--
-- Grain: one row per answer that a domain of terms allows, such as present.
-- Inputs: label_term
SELECT
    label_term_id,
    label_domain_id,
    name,
    ordinal,
    description
FROM label_term
ORDER BY
    label_term_id;
