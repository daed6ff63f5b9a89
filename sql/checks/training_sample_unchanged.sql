-- The slices of a frozen training set are still those it was frozen from.
--
-- Grain: one row per training set × sample that breaks it, whole sets that lost samples with sample_number NULL.
-- Inputs: training_set, training_sample, training_sample_slice, slice
WITH broken AS (
    SELECT training_sample.training_set_id, training_sample.sample_number
    FROM training_sample
    INNER JOIN training_set ON training_set.training_set_id = training_sample.training_set_id
    INNER JOIN slice
        ON slice.patient_id = training_sample.patient_id
        AND slice.slice_id = training_sample.slice_id
    WHERE
        slice.series_id <> training_sample.series_id
        OR (training_set.sample_kind IN ('slice', 'image') AND slice.pixel_digest <> training_sample.pixel_digest)
    UNION
    SELECT training_sample_slice.training_set_id, training_sample_slice.sample_number
    FROM training_sample_slice
    INNER JOIN training_sample
        ON training_sample.training_set_id = training_sample_slice.training_set_id
        AND training_sample.sample_number = training_sample_slice.sample_number
    INNER JOIN slice
        ON slice.patient_id = training_sample_slice.patient_id
        AND slice.slice_id = training_sample_slice.slice_id
    WHERE
        slice.pixel_digest <> training_sample_slice.pixel_digest
        OR training_sample_slice.patient_id <> training_sample.patient_id
    UNION
    SELECT training_set.training_set_id, NULL AS sample_number
    FROM training_set
    LEFT JOIN training_sample ON training_sample.training_set_id = training_set.training_set_id
    WHERE training_set.invalidated_at IS NULL
    GROUP BY training_set.training_set_id, training_set.sample_count
    HAVING count(training_sample.sample_number) <> training_set.sample_count
)

SELECT training_set_id, sample_number
FROM broken
ORDER BY training_set_id, sample_number NULLS FIRST;
