-- Files that name no study or series are of their folder; copied or moved to another one, they are stored once more.
--
-- Grain: one row per image series of a folder × other series of the dataset with pixels of it; of several other series
-- with one picture, the one with the smallest id. Blank pictures prove nothing.
-- Inputs: series, study, patient, slice
WITH of_folder AS (
    SELECT series.patient_id, series.series_id, patient.dataset_id
    FROM series
    INNER JOIN study ON study.patient_id = series.patient_id AND study.study_id = series.study_id
    INNER JOIN patient ON patient.patient_id = series.patient_id
    WHERE
        series.role = 'image'
        AND (substr(series.series_key, 1, 7) = 'folder:' OR substr(study.study_key, 1, 7) = 'folder:')
),

-- CROSS JOIN makes SQLite begin with these series, which are few.
picture AS MATERIALIZED (
    SELECT of_folder.dataset_id, slice.patient_id, slice.series_id, slice.slice_id, slice.pixel_digest
    FROM of_folder
    CROSS JOIN slice
    WHERE
        slice.patient_id = of_folder.patient_id
        AND slice.series_id = of_folder.series_id
        AND NOT slice.is_blank
),

twin AS (
    SELECT picture.patient_id, picture.series_id, picture.slice_id, min(other.series_id) AS other_series_id
    FROM picture
    CROSS JOIN slice AS other
    CROSS JOIN series AS other_series
    CROSS JOIN patient AS other_patient
    WHERE
        other.pixel_digest = picture.pixel_digest
        AND other.series_id <> picture.series_id
        AND other_series.patient_id = other.patient_id
        AND other_series.series_id = other.series_id
        AND other_series.role = 'image'
        AND other_patient.patient_id = other.patient_id
        AND other_patient.dataset_id = picture.dataset_id
    GROUP BY picture.patient_id, picture.series_id, picture.slice_id
)

SELECT
    patient_id,
    series_id,
    other_series_id,
    count(*) AS slice_count,
    'Its files name no Study or Series Instance UID, so that it is of their folder, and ' || CAST(count(*) AS text)
        || ' of its slices have the pixels of the series ' || CAST(other_series_id AS text) || ', as copies have; see '
        || 'slicehouse series ' || CAST(series_id AS text) || ' --files and slicehouse series '
        || CAST(other_series_id AS text) || ' --files, and ingest one of the two places only.' AS note
FROM twin
GROUP BY patient_id, series_id, other_series_id
ORDER BY patient_id, series_id, other_series_id;
