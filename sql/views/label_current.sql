-- The values that count: every label with what the current ruleset of its domain made of it.
--
-- Grain: one row per label × value; a label that the current ruleset has not been applied to has one row without a
-- status. Labels that a person replaced (label_correction), labels of superseded or retired sources, and labels of marks
-- that are of such sources are left out.
-- Inputs: label, label_value, label_domain, label_term, label_source, label_correction, dataset, annotation
CREATE VIEW label_current AS
SELECT
    label_source.dataset_id,
    dataset.name AS dataset_name,
    dataset.version AS dataset_version,
    label.patient_id,
    label.label_source_id,
    label_source.name AS label_source_name,
    label.label_id,
    label.label_domain_id,
    label_domain.name AS domain_name,
    label_domain.family,
    label_domain.value_kind,
    label.reader_id,
    label.level,
    label.study_id,
    label.series_id,
    label.slice_id,
    label.annotation_id,
    label.subject_id,
    label.raw_value,
    label.source_row,
    label_value.value_ordinal,
    label_value.status,
    label_value.label_term_id,
    label_term.name AS term_name,
    label_term.ordinal AS term_ordinal,
    label_value.number_value,
    label_value.text_value
FROM label
INNER JOIN label_domain ON label_domain.label_domain_id = label.label_domain_id
INNER JOIN label_source ON label_source.label_source_id = label.label_source_id
INNER JOIN dataset ON dataset.dataset_id = label_source.dataset_id
LEFT JOIN label_value
    ON label_value.patient_id = label.patient_id
    AND label_value.label_source_id = label.label_source_id
    AND label_value.label_id = label.label_id
    AND label_value.label_ruleset_id = label_domain.current_ruleset_id
LEFT JOIN label_term ON label_term.label_term_id = label_value.label_term_id
LEFT JOIN label_correction
    ON label_correction.patient_id = label.patient_id
    AND label_correction.label_source_id = label.label_source_id
    AND label_correction.label_id = label.label_id
WHERE
    label_source.is_active
    AND label_correction.label_id IS NULL
    -- The labels of a file are of its own marks; only those without a file are looked up, since a file has many.
    AND (
        label.annotation_id IS NULL
        OR label_source.sha256 IS NOT NULL
        OR NOT EXISTS (
            SELECT 1
            FROM annotation
            INNER JOIN label_source AS mark_source ON mark_source.label_source_id = annotation.label_source_id
            WHERE
                annotation.patient_id = label.patient_id
                AND annotation.annotation_id = label.annotation_id
                AND NOT mark_source.is_active
        )
    );
