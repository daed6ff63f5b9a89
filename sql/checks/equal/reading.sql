-- What is compared of reading when two warehouses should be equal.
--
-- Grain: one row per reader × series × session: who looked. Without a reading, absence of a mark says nothing.
-- Inputs: reading
SELECT
    patient_id,
    series_id,
    reader_id,
    session
FROM reading
ORDER BY
    patient_id,
    series_id,
    reader_id,
    session;
