-- The marks that count: every annotation but those of superseded or retired sources.
--
-- Grain: one row per annotation. Marks without a source (masks that are images themselves) count; those of several
-- sources that count stand side by side.
-- Inputs: annotation, label_source
CREATE VIEW annotation_current AS
SELECT
    annotation.patient_id,
    annotation.annotation_id,
    annotation.series_id,
    annotation.reader_id,
    annotation.annotation_key,
    annotation.kind,
    annotation.target,
    annotation.label_term_id,
    annotation.centre_x_mm,
    annotation.centre_y_mm,
    annotation.centre_z_mm,
    annotation.centre_column,
    annotation.centre_row,
    annotation.centre_slice,
    annotation.extent_x_mm,
    annotation.extent_y_mm,
    annotation.extent_z_mm,
    annotation.diameter_mm,
    annotation.voxel_count,
    annotation.volume_mm3,
    annotation.mask_series_id,
    annotation.rule,
    annotation.derived_from_annotation,
    annotation.ingest_run_id,
    annotation.label_source_id
FROM annotation
WHERE
    NOT EXISTS (
        SELECT 1
        FROM label_source
        WHERE label_source.label_source_id = annotation.label_source_id AND NOT label_source.is_active
    );
