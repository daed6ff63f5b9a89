-- The voxels of an annotation are those of its slices together.
--
-- Grain: one row per annotation that breaks it; only annotations with a voxel count are compared.
-- Inputs: annotation, annotation_mask
SELECT
    annotation.patient_id,
    annotation.annotation_id,
    annotation.voxel_count,
    CAST(COALESCE(sum(annotation_mask.voxel_count), 0) AS bigint) AS mask_voxel_count
FROM annotation
LEFT JOIN annotation_mask
    ON annotation_mask.patient_id = annotation.patient_id
    AND annotation_mask.annotation_id = annotation.annotation_id
WHERE annotation.voxel_count IS NOT NULL
GROUP BY annotation.patient_id, annotation.annotation_id, annotation.voxel_count
HAVING annotation.voxel_count <> COALESCE(sum(annotation_mask.voxel_count), 0)
ORDER BY annotation.patient_id, annotation.annotation_id;
