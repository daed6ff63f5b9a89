-- What is compared of series_header when two warehouses should be equal.
--
-- Grain: one row per series with a header: the attributes common to all its slices.
-- Inputs: series_header
SELECT
    patient_id,
    series_id,
    header AS header_json
FROM series_header
ORDER BY
    patient_id,
    series_id;
