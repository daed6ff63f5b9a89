-- The head CT findings of a slice side by side: the table that a classifier wants.
--
-- Grain: one row per slice with a clean label in one of these domains. 1 is present, 0 absent, NULL not asserted;
-- where several readers or sources answer, one that says present wins. any_haemorrhage is 1 where a type or the
-- question about any (RSNA 2019) is present, 0 where that question or all five types are absent, and else NULL.
-- Inputs: label_current, slice, patient
-- depends: label_current
CREATE VIEW slice_label_wide AS
WITH answer AS (
    SELECT
        patient_id,
        slice_id,
        domain_name,
        CASE term_name WHEN 'present' THEN 1 WHEN 'absent' THEN 0 END AS is_present
    FROM label_current
    WHERE
        level = 'slice'
        AND status = 'clean'
        AND domain_name IN (
            'intraventricular', 'intraparenchymal', 'subarachnoid', 'epidural', 'subdural', 'any_haemorrhage',
            'no_haemorrhage', 'fracture'
        )
),

wide AS (
    SELECT
        patient_id,
        slice_id,
        max(CASE WHEN domain_name = 'intraventricular' THEN is_present END) AS intraventricular,
        max(CASE WHEN domain_name = 'intraparenchymal' THEN is_present END) AS intraparenchymal,
        max(CASE WHEN domain_name = 'subarachnoid' THEN is_present END) AS subarachnoid,
        max(CASE WHEN domain_name = 'epidural' THEN is_present END) AS epidural,
        max(CASE WHEN domain_name = 'subdural' THEN is_present END) AS subdural,
        max(CASE WHEN domain_name = 'any_haemorrhage' THEN is_present END) AS any_asserted,
        max(CASE WHEN domain_name = 'no_haemorrhage' THEN is_present END) AS no_haemorrhage,
        max(CASE WHEN domain_name = 'fracture' THEN is_present END) AS fracture
    FROM answer
    GROUP BY patient_id, slice_id
)

SELECT
    dataset.name AS dataset_name,
    dataset.version AS dataset_version,
    patient.patient_key,
    wide.patient_id,
    slice.series_id,
    wide.slice_id,
    slice.slice_index,
    COALESCE(slice.instance_number, slice.slice_index + 1) AS slice_number,
    wide.intraventricular,
    wide.intraparenchymal,
    wide.subarachnoid,
    wide.epidural,
    wide.subdural,
    CASE
        WHEN 1 IN (
            wide.any_asserted,
            wide.intraventricular,
            wide.intraparenchymal,
            wide.subarachnoid,
            wide.epidural,
            wide.subdural
        ) THEN 1
        WHEN wide.any_asserted = 0 THEN 0
        -- A sum with a type that nobody asserted is NULL.
        WHEN
            wide.intraventricular + wide.intraparenchymal + wide.subarachnoid + wide.epidural + wide.subdural = 0
            THEN 0
    END AS any_haemorrhage,
    wide.no_haemorrhage,
    wide.fracture
FROM wide
INNER JOIN slice ON slice.patient_id = wide.patient_id AND slice.slice_id = wide.slice_id
INNER JOIN patient ON patient.patient_id = wide.patient_id
INNER JOIN dataset ON dataset.dataset_id = patient.dataset_id;
