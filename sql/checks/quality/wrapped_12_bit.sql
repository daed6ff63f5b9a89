-- A CT of 12 unsigned bits has an intercept near -1024; one near 0 says that its values wrapped (a defect of RSNA 2019).
--
-- Grain: one row per series with slices that break it, with how many. The stored values stay as they are.
-- Inputs: series, header_value, header_slice_value, slice
WITH wrapped AS (
    SELECT slice.patient_id, slice.series_id, slice.rescale_intercept
    FROM header_value
    INNER JOIN slice ON slice.patient_id = header_value.patient_id AND slice.series_id = header_value.series_id
    WHERE
        header_value.path = '00280101'
        AND header_value.value = '12'
        AND slice.pixel_type = 'u16'
        AND slice.rescale_intercept > -100
    UNION ALL
    -- Where Bits Stored differs by slice it is not of the series.
    SELECT slice.patient_id, slice.series_id, slice.rescale_intercept
    FROM header_slice_value
    INNER JOIN slice
        ON slice.patient_id = header_slice_value.patient_id
        AND slice.slice_id = header_slice_value.slice_id
    WHERE
        header_slice_value.path = '00280101'
        AND header_slice_value.value = '12'
        AND slice.pixel_type = 'u16'
        AND slice.rescale_intercept > -100
)

SELECT
    series.patient_id,
    series.series_id,
    min(wrapped.rescale_intercept) AS rescale_intercept,
    count(*) AS wrapped_slice_count,
    series.slice_count
FROM wrapped
INNER JOIN series ON series.patient_id = wrapped.patient_id AND series.series_id = wrapped.series_id
WHERE series.modality = 'CT'
GROUP BY series.patient_id, series.series_id, series.slice_count
ORDER BY series.patient_id, series.series_id;
