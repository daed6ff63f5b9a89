-- Patients who are one person as far as the warehouse knows: a declared alias, or a picture that both have.
--
-- Grain: one row per link. Of n patients who share a picture the one with the smallest id is linked to each of the
-- others, which connects them all with n - 1 rows. Blank pictures and masks prove nothing and are left out.
-- Inputs: patient_alias, slice, series
CREATE VIEW patient_link AS
WITH picture AS (
    SELECT slice.patient_id, slice.pixel_digest
    FROM slice
    INNER JOIN series ON series.patient_id = slice.patient_id AND series.series_id = slice.series_id
    WHERE
        NOT slice.is_blank
        AND series.role = 'image'
),

shared AS (
    SELECT pixel_digest, min(patient_id) AS patient_id
    FROM picture
    GROUP BY pixel_digest
    HAVING min(patient_id) < max(patient_id)
)

SELECT patient_id, alias_patient_id AS linked_patient_id, reason
FROM patient_alias
UNION
SELECT shared.patient_id, picture.patient_id AS linked_patient_id, 'identical_pixels' AS reason
FROM shared
INNER JOIN picture ON picture.pixel_digest = shared.pixel_digest AND picture.patient_id > shared.patient_id;
