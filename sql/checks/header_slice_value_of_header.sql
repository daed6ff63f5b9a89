-- Slices whose header differs from that of their series have its values in header_slice_value, and no other slices do.
--
-- Grain: one row per slice that breaks it.
-- Inputs: slice_header, header_slice_value, slice
SELECT slice_header.patient_id, slice_header.slice_id
FROM slice_header
LEFT JOIN header_slice_value
    ON header_slice_value.patient_id = slice_header.patient_id
    AND header_slice_value.slice_id = slice_header.slice_id
WHERE header_slice_value.slice_id IS NULL
UNION
SELECT header_slice_value.patient_id, header_slice_value.slice_id
FROM header_slice_value
LEFT JOIN slice_header
    ON slice_header.patient_id = header_slice_value.patient_id
    AND slice_header.slice_id = header_slice_value.slice_id
LEFT JOIN slice
    ON slice.patient_id = header_slice_value.patient_id
    AND slice.slice_id = header_slice_value.slice_id
    AND slice.series_id = header_slice_value.series_id
WHERE slice_header.slice_id IS NULL OR slice.slice_id IS NULL
ORDER BY 1, 2;
