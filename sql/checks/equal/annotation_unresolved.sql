-- What is compared of annotation_unresolved when two warehouses should be equal.
--
-- Grain: one row per source × series of whose marks some wait.
-- Inputs: annotation_unresolved
-- Left out: ingest_run_id
SELECT
    annotation_unresolved_id,
    dataset_id,
    label_source_id,
    series_key,
    vocabulary,
    mark_count,
    contour_count,
    content,
    CAST(is_clustered AS integer) AS is_clustered,
    reason
FROM annotation_unresolved
ORDER BY
    annotation_unresolved_id;
