-- The one table of the system that Slicehouse replaces, under its column names, so that its readers keep working.
--
-- Grain: one row per image slice and picture: is_label 0 is the image, is_label 1 its mask. Companions (a bone window
-- beside a brain window) and derived series are left out, as they were there.
-- Differences, on purpose:
--   id              text, stable: slice id and kind of picture (was a random UUID)
--   date            start of the run that stored the series (was the time of the insert, which was half of the key)
--   patient_number  NULL where the patient key is not a number
--   slice_number    number by which the dataset names the slice, else slice_index + 1
--   findings        1, 0, or NULL where nobody asserted anything (were booleans); no_hemorrhage is the opposite of
--                   any_haemorrhage where it was not asserted itself (RSNA 2019)
--   image_filename  <counter>.png over the slices of one dataset in order of patient and slice, as there
--   image_blob      image: encoded pixels of the first tile, lossless (see encoding; was a windowed, transposed PNG);
--                   mask: run lengths as in annotation_mask.rle, one row per annotation that counts, NULL where
--                   nothing is marked
-- Inputs: slice, series, patient, dataset, ingest_run, slice_pixels, annotation_mask, annotation_current,
-- slice_label_wide
-- depends: annotation_current, slice_label_wide
CREATE VIEW processed_data AS
WITH image AS (
    SELECT
        dataset.name AS dataset_name,
        dataset.version AS dataset_version,
        dataset.dataset_id,
        slice.patient_id,
        slice.slice_id,
        ingest_run.started_at AS date,
        CASE
            WHEN length(patient.patient_key) BETWEEN 1 AND 9 AND length(ltrim(patient.patient_key, '0123456789')) = 0
                THEN CAST(patient.patient_key AS integer)
        END AS patient_number,
        patient.patient_key,
        COALESCE(slice.instance_number, slice.slice_index + 1) AS slice_number
    FROM slice
    INNER JOIN series ON series.patient_id = slice.patient_id AND series.series_id = slice.series_id
    INNER JOIN patient ON patient.patient_id = slice.patient_id
    INNER JOIN dataset ON dataset.dataset_id = patient.dataset_id
    INNER JOIN ingest_run ON ingest_run.ingest_run_id = series.ingest_run_id
    WHERE
        series.role = 'image'
        AND series.companion_of IS NULL
        AND series.derived_from IS NULL
        AND series.conflict_of IS NULL
),

named AS (
    SELECT
        image.*,
        row_number() OVER (
            PARTITION BY dataset_id
            ORDER BY patient_number NULLS LAST, patient_key, slice_number, slice_id
        ) - 1 AS counter
    FROM image
),

picture AS (
    SELECT
        named.slice_id,
        named.patient_id,
        0 AS is_label,
        CAST(named.slice_id AS text) || '-image' AS id,
        slice_pixels.encoding,
        slice_pixels.bytes AS image_blob
    FROM named
    INNER JOIN slice_pixels
        ON slice_pixels.patient_id = named.patient_id
        AND slice_pixels.slice_id = named.slice_id
        AND slice_pixels.tile_index = 0
    UNION ALL
    SELECT
        named.slice_id,
        named.patient_id,
        1 AS is_label,
        CAST(named.slice_id AS text) || '-mask'
        || COALESCE('-' || CAST(annotation_mask.annotation_id AS text), '') AS id,
        'rle' AS encoding,
        annotation_mask.rle AS image_blob
    FROM named
    LEFT JOIN annotation_mask
        ON annotation_mask.patient_id = named.patient_id
        AND annotation_mask.slice_id = named.slice_id
        AND EXISTS (
            SELECT 1
            FROM annotation_current
            WHERE
                annotation_current.patient_id = annotation_mask.patient_id
                AND annotation_current.annotation_id = annotation_mask.annotation_id
        )
)

SELECT
    picture.id,
    named.date,
    picture.is_label,
    named.patient_number,
    named.slice_number,
    slice_label_wide.intraventricular,
    slice_label_wide.intraparenchymal,
    slice_label_wide.subarachnoid,
    slice_label_wide.epidural,
    slice_label_wide.subdural,
    COALESCE(slice_label_wide.no_haemorrhage, 1 - slice_label_wide.any_haemorrhage) AS no_hemorrhage,
    slice_label_wide.fracture AS fracture_yes_no,
    CAST(named.counter AS text) || '.png' AS image_filename,
    picture.image_blob,
    picture.encoding,
    named.dataset_name,
    named.dataset_version,
    named.patient_id,
    named.slice_id
FROM picture
INNER JOIN named ON named.patient_id = picture.patient_id AND named.slice_id = picture.slice_id
LEFT JOIN slice_label_wide
    ON slice_label_wide.patient_id = named.patient_id
    AND slice_label_wide.slice_id = named.slice_id;
