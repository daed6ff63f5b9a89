-- A CT of 12 unsigned bits has an intercept near -1024; one near 0 says that its values wrapped (a defect of RSNA 2019).
--
-- Grain: one row per series that breaks it. The stored values stay as they are.
-- Inputs: series, header_value, slice
SELECT
    series.patient_id,
    series.series_id,
    min(slice.rescale_intercept) AS rescale_intercept
FROM series
INNER JOIN header_value AS bits
    ON bits.patient_id = series.patient_id
    AND bits.series_id = series.series_id
    AND bits.path = '00280101'
    AND bits.value = '12'
INNER JOIN header_value AS sign
    ON sign.patient_id = series.patient_id
    AND sign.series_id = series.series_id
    AND sign.path = '00280103'
    AND sign.value = '0'
INNER JOIN slice ON slice.patient_id = series.patient_id AND slice.series_id = series.series_id
WHERE
    series.modality = 'CT'
    AND slice.rescale_intercept > -100
GROUP BY series.patient_id, series.series_id
ORDER BY series.patient_id, series.series_id;
