-- What is in the folds of a split: units, patients and slices, by stratum.
--
-- Grain: one row per split × fold × stratum; a fold without units has one row. Slices are those of image series.
-- Inputs: split, split_fold, split_unit, split_assignment, series
WITH parameter AS (
    SELECT
        CAST(NULL AS text) AS split_name -- only this split; NULL for all
),

image AS (
    SELECT patient_id, CAST(sum(slice_count) AS bigint) AS slice_count
    FROM series
    WHERE
        role = 'image'
        AND companion_of IS NULL
        AND derived_from IS NULL
        AND conflict_of IS NULL
    GROUP BY patient_id
)

SELECT
    split.name AS split,
    split_fold.fold,
    split_fold.share,
    split_unit.stratum,
    count(DISTINCT split_unit.unit_key) AS unit_count,
    count(split_assignment.patient_id) AS patient_count,
    CAST(COALESCE(sum(image.slice_count), 0) AS bigint) AS slice_count
FROM parameter
INNER JOIN split ON parameter.split_name IS NULL OR split.name = parameter.split_name
INNER JOIN split_fold ON split_fold.split_id = split.split_id
LEFT JOIN split_unit ON split_unit.split_id = split_fold.split_id AND split_unit.fold = split_fold.fold
LEFT JOIN split_assignment
    ON split_assignment.split_id = split_unit.split_id
    AND split_assignment.unit_key = split_unit.unit_key
LEFT JOIN image ON image.patient_id = split_assignment.patient_id
GROUP BY split.name, split_fold.fold_index, split_fold.fold, split_fold.share, split_unit.stratum
ORDER BY split.name, split_fold.fold_index, split_unit.stratum NULLS FIRST;
