-- Migration 0019: frozen samples outlive the annotation that they are around
--
-- An ingest may take away an annotation, where the slices that were missing join two nodules to one say; a frozen set
-- keeps its samples, and who reads it is told what is no longer as it was. They still go with their patient, series and
-- slices. The text of the table changes and no page of it, as in migration 0018.
PRAGMA writable_schema = ON;

UPDATE sqlite_schema
SET sql = replace(
    sql,
    '    CONSTRAINT training_sample_annotation_fk FOREIGN KEY (patient_id, annotation_id)
        REFERENCES annotation (patient_id, annotation_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
',
    '')
WHERE type = 'table' AND name = 'training_sample';

PRAGMA writable_schema = RESET;
