-- What is compared of slice_header when two warehouses should be equal.
--
-- Grain: one row per slice whose header differs from that of its series: only the attributes that differ.
-- Inputs: slice_header
SELECT
    patient_id,
    slice_id,
    header AS header_json
FROM slice_header
ORDER BY
    patient_id,
    slice_id;
