-- What is compared of slice_source when two warehouses should be equal.
--
-- Grain: one row per slice × source file × frame that holds its pixels; identical copies of a file add rows.
-- Inputs: slice_source
SELECT
    patient_id,
    slice_id,
    source_file_id,
    frame_number,
    byte_offset,
    byte_length,
    sha256
FROM slice_source
ORDER BY
    patient_id,
    slice_id,
    source_file_id,
    frame_number;
