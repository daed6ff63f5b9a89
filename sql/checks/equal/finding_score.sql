-- What is compared of finding_score when two warehouses should be equal.
--
-- Grain: one row per finding × term: how likely the candidate is that.
-- Inputs: finding_score
SELECT
    patient_id,
    finding_id,
    label_term_id,
    score
FROM finding_score
ORDER BY
    patient_id,
    finding_id,
    label_term_id;
