-- Migration 0019: frozen samples outlive the annotation that they are around
--
-- An ingest may take away an annotation, where the slices that were missing join two nodules to one say; a frozen set
-- keeps its samples, and who reads it is told what is no longer as it was. They still go with their patient, series and
-- slices.
ALTER TABLE training_sample DROP CONSTRAINT training_sample_annotation_fk;
