-- A Study, Series or SOP Instance UID is of one patient; under two, an exam was filed under a wrong Patient ID. Series of
-- objects apart: converters give one UID to objects of many patients, each of which is placed by what it names.
--
-- Grain: one row per pair of patients of one dataset with UIDs in common. Of n patients with one UID the one with the
-- smallest id is paired with each of the others. Two datasets may hold the same exam.
-- Inputs: study, series, slice, patient, dataset
WITH shared_study AS (
    SELECT study_instance_uid
    FROM study
    WHERE study_instance_uid IS NOT NULL
    GROUP BY study_instance_uid
    HAVING min(patient_id) < max(patient_id)
),

shared_series AS (
    SELECT series_instance_uid
    FROM series
    WHERE series_instance_uid IS NOT NULL AND role NOT IN ('mask', 'object')
    GROUP BY series_instance_uid
    HAVING min(patient_id) < max(patient_id)
),

-- Frames of one file, variants, and what is looked for. The index alone answers: whose they are would take every slice.
repeated_image AS (
    SELECT sop_instance_uid
    FROM slice
    WHERE sop_instance_uid IS NOT NULL
    GROUP BY sop_instance_uid
    HAVING count(*) > 1
),

-- CROSS JOIN makes SQLite begin with what is repeated, which is little.
owner AS (
    SELECT 'study' AS kind, study.study_instance_uid AS uid, study.patient_id, min(series.series_id) AS series_id
    FROM shared_study
    CROSS JOIN study
    CROSS JOIN series
    WHERE
        study.study_instance_uid = shared_study.study_instance_uid
        AND series.patient_id = study.patient_id
        AND series.study_id = study.study_id
    GROUP BY study.study_instance_uid, study.patient_id
    UNION ALL
    SELECT 'series' AS kind, series.series_instance_uid AS uid, series.patient_id, min(series.series_id) AS series_id
    FROM shared_series
    CROSS JOIN series
    WHERE series.series_instance_uid = shared_series.series_instance_uid AND series.role NOT IN ('mask', 'object')
    GROUP BY series.series_instance_uid, series.patient_id
    UNION ALL
    SELECT 'image' AS kind, slice.sop_instance_uid AS uid, slice.patient_id, min(slice.series_id) AS series_id
    FROM repeated_image
    CROSS JOIN slice
    WHERE slice.sop_instance_uid = repeated_image.sop_instance_uid
    GROUP BY slice.sop_instance_uid, slice.patient_id
),

placed AS (
    SELECT
        patient.dataset_id,
        owner.kind,
        owner.patient_id,
        owner.series_id,
        first_value(owner.patient_id) OVER same_uid AS first_patient_id,
        first_value(owner.series_id) OVER same_uid AS first_series_id
    FROM owner
    INNER JOIN patient ON patient.patient_id = owner.patient_id
    WINDOW same_uid AS (PARTITION BY patient.dataset_id, owner.kind, owner.uid ORDER BY owner.patient_id)
),

-- The series to compare are those of one UID: of an image rather than of a series or a study.
ranked AS (
    SELECT
        placed.*,
        row_number() OVER (
            PARTITION BY dataset_id, patient_id, first_patient_id
            ORDER BY kind, series_id, first_series_id
        ) AS place
    FROM placed
    WHERE patient_id <> first_patient_id
),

pair AS (
    SELECT
        dataset_id,
        patient_id,
        first_patient_id,
        min(CASE place WHEN 1 THEN series_id END) AS series_id,
        min(CASE place WHEN 1 THEN first_series_id END) AS first_series_id,
        CAST(sum(CASE kind WHEN 'study' THEN 1 ELSE 0 END) AS bigint) AS study_count,
        CAST(sum(CASE kind WHEN 'series' THEN 1 ELSE 0 END) AS bigint) AS series_count,
        CAST(sum(CASE kind WHEN 'image' THEN 1 ELSE 0 END) AS bigint) AS image_count
    FROM ranked
    GROUP BY dataset_id, patient_id, first_patient_id
)

SELECT
    pair.patient_id,
    pair.first_patient_id AS other_patient_id,
    pair.study_count,
    pair.series_count,
    pair.image_count,
    'Two patients of ' || dataset.name
        || CASE WHEN dataset.version = '' THEN '' ELSE '@' || dataset.version END
        || ' have ' || CAST(pair.study_count AS text) || ' Study, ' || CAST(pair.series_count AS text) || ' Series and '
        || CAST(pair.image_count AS text) || ' SOP Instance UIDs in common, each of which is of one patient; compare '
        || 'slicehouse series ' || CAST(pair.series_id AS text) || ' with slicehouse series '
        || CAST(pair.first_series_id AS text) || ', and correct the Patient ID where the files come from.' AS sentence
FROM pair
INNER JOIN dataset ON dataset.dataset_id = pair.dataset_id
ORDER BY pair.patient_id, pair.first_patient_id;
