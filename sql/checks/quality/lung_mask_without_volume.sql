-- The lung masks of LUNA16 have the volumes that they were drawn in; a part of the download may have masks alone.
--
-- Grain: one row per dataset with masks of scans whose volume is not in the warehouse. Each scan is a patient.
-- Inputs: dataset, patient, series
SELECT
    patient.dataset_id,
    count(*) AS mask_count,
    CAST(count(*) AS text)
        || CASE count(*) WHEN 1 THEN ' lung mask belongs to a scan' ELSE ' lung masks belong to scans' END
        || ' whose volume is not in the warehouse; ingest the subset that holds it.' AS note
FROM dataset
INNER JOIN patient ON patient.dataset_id = dataset.dataset_id
INNER JOIN series ON series.patient_id = patient.patient_id
WHERE
    dataset.adapter = 'luna16'
    AND series.role = 'mask'
    AND series.variant = 0
    AND NOT EXISTS (
        SELECT 1
        FROM series AS image
        WHERE image.patient_id = series.patient_id AND image.role = 'image'
    )
GROUP BY patient.dataset_id
ORDER BY patient.dataset_id;
