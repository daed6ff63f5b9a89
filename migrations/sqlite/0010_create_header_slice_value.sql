-- Migration 0010: attributes that vary by slice, as values that can be counted
--
-- Tables, each with its grain in its comment:
--   header_slice_value
--
-- With header_value, which holds what the slices of a series share, every value of any attribute is one index range.
-- The key begins with the path, since that is how it is asked for. What slice_header holds is taken over.

-- One row per slice × path × value, for paths that vary within the series: slice_header as values that can be counted.
CREATE TABLE header_slice_value (
    -- Patient.
    patient_id INTEGER NOT NULL,
    -- Series.
    series_id INTEGER NOT NULL,
    -- Slice.
    slice_id INTEGER NOT NULL,
    -- Path of the attribute, as in header_value.
    path TEXT NOT NULL,
    -- Tells several values of one path apart (items of a sequence), 0-based in order of class and value.
    value_ordinal INTEGER NOT NULL DEFAULT 0,
    -- value, multi or empty, as in header_value.
    value_class TEXT NOT NULL,
    -- The value as text, as in header_value; NULL where empty.
    value TEXT,
    CONSTRAINT header_slice_value_pkey PRIMARY KEY (path, patient_id, slice_id, value_ordinal),
    CONSTRAINT header_slice_value_slice_fk FOREIGN KEY (patient_id, slice_id)
        REFERENCES slice (patient_id, slice_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT header_slice_value_value_class_check CHECK (value_class IN ('value', 'empty', 'multi')),
    CONSTRAINT header_slice_value_value_check CHECK ((value_class = 'empty') = (value IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX header_slice_value_patient_id_slice_id_index ON header_slice_value (patient_id, slice_id);

-- A number keeps the digits of its JSON text; a name is its alphabetic, ideographic and phonetic groups joined
-- by =.
INSERT INTO header_slice_value (patient_id, series_id, slice_id, path, value_ordinal, value_class, value)
WITH RECURSIVE attribute AS (
    SELECT slice.patient_id, slice.series_id, slice.slice_id, member.key AS path, member.value AS attribute
    FROM slice_header
    INNER JOIN slice ON slice.patient_id = slice_header.patient_id AND slice.slice_id = slice_header.slice_id
    INNER JOIN json_each(slice_header.header) AS member
    WHERE member.type = 'object'
    UNION ALL
    SELECT
        attribute.patient_id,
        attribute.series_id,
        attribute.slice_id,
        attribute.path || '.' || member.key,
        member.value
    FROM attribute
    INNER JOIN json_each(attribute.attribute, '$.Value') AS item
    INNER JOIN json_each(item.value) AS member
    WHERE json_extract(attribute.attribute, '$.vr') = 'SQ' AND item.type = 'object' AND member.type = 'object'
),

attribute_text AS (
    SELECT
        patient_id,
        series_id,
        slice_id,
        path,
        COALESCE(json_array_length(attribute, '$.Value'), 0) AS item_count,
        COALESCE(json_extract(attribute, '$.InlineBinary'), json_extract(attribute, '$.slicehouseSHA256'))
            AS binary_text,
        (
            SELECT group_concat(
                CASE item.type
                    WHEN 'object' THEN ltrim(
                        COALESCE('=' || json_extract(item.value, '$.Alphabetic'), '')
                        || COALESCE('=' || json_extract(item.value, '$.Ideographic'), '')
                        || COALESCE('=' || json_extract(item.value, '$.Phonetic'), ''),
                        '='
                    )
                    WHEN 'null' THEN ''
                    WHEN 'text' THEN item.value
                    ELSE attribute.attribute -> ('$.Value[' || item.key || ']')
                END,
                '\'
            )
            FROM json_each(attribute.attribute, '$.Value') AS item
        ) AS joined,
        (
            SELECT min(item.type = 'null')
            FROM json_each(attribute.attribute, '$.Value') AS item
        ) AS is_empty
    FROM attribute
    WHERE
        json_extract(attribute, '$.vr') IS NOT 'SQ'
        OR COALESCE(json_array_length(attribute, '$.Value'), 0) = 0
),

found AS (
    SELECT DISTINCT
        patient_id,
        series_id,
        slice_id,
        path,
        CASE
            WHEN item_count = 0 AND binary_text IS NOT NULL THEN 'value'
            WHEN item_count = 0 OR is_empty THEN 'empty'
            WHEN item_count = 1 THEN 'value'
            ELSE 'multi'
        END AS value_class,
        CASE
            WHEN item_count = 0 THEN binary_text
            WHEN NOT is_empty THEN joined
        END AS value
    FROM attribute_text
)

SELECT
    patient_id,
    series_id,
    slice_id,
    path,
    row_number() OVER (PARTITION BY patient_id, slice_id, path ORDER BY value_class, value) - 1,
    value_class,
    value
FROM found;
