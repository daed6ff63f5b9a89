-- What is compared of analysis_level when two warehouses should be equal.
--
-- Grain: one row per analysis run × level: how much was dropped, what that did, and the series it made.
-- Inputs: analysis_level
-- Left out: analysis_run_id
SELECT
    patient_id,
    level_index,
    dropped_fraction,
    kept_count,
    kept_energy,
    rmse,
    psnr_db,
    ssim,
    noise_before,
    noise_after,
    output_series_id
FROM analysis_level
ORDER BY
    patient_id,
    level_index,
    kept_count;
