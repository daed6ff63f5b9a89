-- A photograph shows something: of one that is dark throughout nothing is left when its black borders are cropped.
--
-- Grain: one row per slice of a colour photograph whose brightest sample is at most 10 of 255.
-- Inputs: slice, series
SELECT
    slice.patient_id,
    slice.series_id,
    slice.slice_id,
    slice.maximum
-- CROSS JOIN keeps SQLite from looking at every slice there is: few series are photographs.
FROM series
CROSS JOIN slice
WHERE
    slice.patient_id = series.patient_id
    AND slice.series_id = series.series_id
    AND series.geometry_kind = 'photo'
    AND series.role = 'image'
    AND slice.samples_per_pixel = 3
    AND slice.pixel_type = 'u8'
    AND slice.maximum <= 10
ORDER BY slice.patient_id, slice.series_id, slice.slice_id;
