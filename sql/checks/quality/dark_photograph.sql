-- A photograph shows something: of one that is dark throughout nothing is left when its black borders are cropped.
--
-- Grain: one row per slice of a colour photograph whose brightest sample is at most 10 of 255.
-- Inputs: slice, series
SELECT
    slice.patient_id,
    slice.series_id,
    slice.slice_id,
    slice.maximum
FROM slice
INNER JOIN series ON series.patient_id = slice.patient_id AND series.series_id = slice.series_id
WHERE
    series.geometry_kind = 'photo'
    AND series.role = 'image'
    AND slice.samples_per_pixel = 3
    AND slice.pixel_type = 'u8'
    AND slice.maximum <= 10
ORDER BY slice.patient_id, slice.series_id, slice.slice_id;
