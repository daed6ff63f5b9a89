-- Why is this sample in my batch: its patient, series, slice, files, target and recipe.
--
-- Grain: one row per sample × slice × source file; several slices are in order of slice_ordinal.
-- Inputs: training_set, training_sample, training_sample_slice, recipe, split, patient, dataset, series, slice,
--   slice_source, source_file
WITH parameter AS (
    SELECT
        CAST(NULL AS text) AS training_set, -- name@version, or the name for its latest version
        CAST(0 AS bigint) AS sample_number -- number of the sample
),

chosen AS (
    SELECT
        training_set.name || '@' || CAST(training_set.version AS text) AS training_set,
        training_set.training_set_id,
        training_set.recipe_id,
        parameter.sample_number
    FROM training_set
    INNER JOIN parameter
        ON parameter.training_set = training_set.name || '@' || CAST(training_set.version AS text)
        OR (
            parameter.training_set = training_set.name
            AND NOT EXISTS (
                SELECT 1
                FROM training_set AS later
                WHERE later.name = training_set.name AND later.version > training_set.version
            )
        )
),

part AS (
    SELECT chosen.training_set_id, chosen.sample_number, training_sample_slice.slice_ordinal,
        training_sample_slice.patient_id, training_sample_slice.slice_id, training_sample_slice.pixel_digest
    FROM chosen
    INNER JOIN training_sample_slice
        ON training_sample_slice.training_set_id = chosen.training_set_id
        AND training_sample_slice.sample_number = chosen.sample_number
    UNION ALL
    SELECT chosen.training_set_id, chosen.sample_number, 0 AS slice_ordinal,
        training_sample.patient_id, training_sample.slice_id, training_sample.pixel_digest
    FROM chosen
    INNER JOIN training_sample
        ON training_sample.training_set_id = chosen.training_set_id
        AND training_sample.sample_number = chosen.sample_number
    WHERE
        NOT EXISTS (
            SELECT 1
            FROM training_sample_slice
            WHERE
                training_sample_slice.training_set_id = chosen.training_set_id
                AND training_sample_slice.sample_number = chosen.sample_number
        )
)

SELECT
    chosen.training_set,
    training_sample.sample_number,
    training_sample.fold,
    split.name AS split,
    split_assignment.unit_key,
    dataset.name AS dataset_name,
    dataset.version AS dataset_version,
    patient.patient_key,
    series.series_key,
    part.slice_ordinal,
    slice.slice_index,
    slice.slice_key,
    source_file.root,
    source_file.relative_path,
    source_file.sha256 AS file_sha256,
    part.pixel_digest,
    CASE WHEN slice.pixel_digest = part.pixel_digest THEN 1 ELSE 0 END AS is_unchanged,
    training_sample.target,
    recipe.name AS recipe,
    recipe.sha256 AS recipe_sha256
FROM chosen
INNER JOIN training_sample
    ON training_sample.training_set_id = chosen.training_set_id
    AND training_sample.sample_number = chosen.sample_number
INNER JOIN part ON part.training_set_id = chosen.training_set_id
INNER JOIN recipe ON recipe.recipe_id = chosen.recipe_id
INNER JOIN split ON split.split_id = training_sample.split_id
INNER JOIN split_assignment
    ON split_assignment.patient_id = training_sample.patient_id
    AND split_assignment.split_id = training_sample.split_id
INNER JOIN patient ON patient.patient_id = training_sample.patient_id
INNER JOIN dataset ON dataset.dataset_id = patient.dataset_id
INNER JOIN series ON series.patient_id = training_sample.patient_id AND series.series_id = training_sample.series_id
INNER JOIN slice ON slice.patient_id = part.patient_id AND slice.slice_id = part.slice_id
LEFT JOIN slice_source ON slice_source.patient_id = slice.patient_id AND slice_source.slice_id = slice.slice_id
LEFT JOIN source_file ON source_file.source_file_id = slice_source.source_file_id
ORDER BY part.slice_ordinal, source_file.root, source_file.relative_path;
