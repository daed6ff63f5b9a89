-- Migration 0010: attributes that vary by slice, as values that can be counted
--
-- Tables, each with its grain in its comment:
--   header_slice_value
--
-- With header_value, which holds what the slices of a series share, every value of any attribute is one index range.
-- The key begins with the path, since that is how it is asked for. What slice_header holds is taken over.

CREATE TABLE header_slice_value (
    patient_id bigint NOT NULL,
    series_id bigint NOT NULL,
    slice_id bigint NOT NULL,
    path text COLLATE "C" NOT NULL,
    value_ordinal integer NOT NULL DEFAULT 0,
    value_class text COLLATE "C" NOT NULL,
    value text COLLATE "C",
    CONSTRAINT header_slice_value_pkey PRIMARY KEY (path, patient_id, slice_id, value_ordinal),
    CONSTRAINT header_slice_value_slice_fk FOREIGN KEY (patient_id, slice_id)
        REFERENCES slice (patient_id, slice_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT header_slice_value_value_class_check CHECK (value_class IN ('value', 'empty', 'multi')),
    CONSTRAINT header_slice_value_value_check CHECK ((value_class = 'empty') = (value IS NULL))
);
CREATE INDEX header_slice_value_patient_id_slice_id_index ON header_slice_value (patient_id, slice_id);

COMMENT ON TABLE header_slice_value IS
    'One row per slice × path × value, for paths that vary within the series: slice_header as values that '
    'can be counted.';
COMMENT ON COLUMN header_slice_value.patient_id IS 'Patient.';
COMMENT ON COLUMN header_slice_value.series_id IS 'Series.';
COMMENT ON COLUMN header_slice_value.slice_id IS 'Slice.';
COMMENT ON COLUMN header_slice_value.path IS 'Path of the attribute, as in header_value.';
COMMENT ON COLUMN header_slice_value.value_ordinal IS
    'Tells several values of one path apart (items of a sequence), 0-based in order of class and value.';
COMMENT ON COLUMN header_slice_value.value_class IS 'value, multi or empty, as in header_value.';
COMMENT ON COLUMN header_slice_value.value IS 'The value as text, as in header_value; NULL where empty.';

-- A number is written as in canonical JSON; a name is its alphabetic, ideographic and phonetic groups joined by =.
INSERT INTO header_slice_value (patient_id, series_id, slice_id, path, value_ordinal, value_class, value)
WITH RECURSIVE attribute AS (
    SELECT slice.patient_id, slice.series_id, slice.slice_id, member.key AS path, member.value AS attribute
    FROM slice_header
    INNER JOIN slice ON slice.patient_id = slice_header.patient_id AND slice.slice_id = slice_header.slice_id
    CROSS JOIN LATERAL jsonb_each(slice_header.header) AS member
    UNION ALL
    SELECT
        attribute.patient_id,
        attribute.series_id,
        attribute.slice_id,
        attribute.path || '.' || member.key,
        member.value
    FROM attribute
    CROSS JOIN LATERAL jsonb_array_elements(attribute.attribute -> 'Value') AS item (one)
    CROSS JOIN LATERAL jsonb_each(item.one) AS member
    WHERE attribute.attribute ->> 'vr' = 'SQ'
),

attribute_text AS (
    SELECT
        patient_id,
        series_id,
        slice_id,
        path,
        jsonb_array_length(COALESCE(attribute -> 'Value', '[]')) AS item_count,
        COALESCE(attribute ->> 'InlineBinary', attribute ->> 'slicehouseSHA256') AS binary_text,
        (
            SELECT string_agg(
                CASE jsonb_typeof(item.one)
                    WHEN 'object' THEN concat_ws(
                        '=', item.one ->> 'Alphabetic', item.one ->> 'Ideographic', item.one ->> 'Phonetic'
                    )
                    WHEN 'null' THEN ''
                    WHEN 'number' THEN
                        CASE
                            WHEN CAST(item.one AS numeric) <> 0
                                AND (
                                    abs(CAST(item.one AS numeric)) < 0.000001
                                    OR abs(CAST(item.one AS numeric)) >= 1e21
                                )
                                THEN regexp_replace(
                                    CAST(CAST(item.one AS double precision) AS text), 'e([+-])0', 'e\1'
                                )
                            ELSE item.one #>> '{}'
                        END
                    ELSE item.one #>> '{}'
                END,
                '\' ORDER BY item.place
            )
            FROM jsonb_array_elements(attribute -> 'Value') WITH ORDINALITY AS item (one, place)
        ) AS joined,
        (
            SELECT bool_and(jsonb_typeof(item.one) = 'null')
            FROM jsonb_array_elements(attribute -> 'Value') AS item (one)
        ) AS is_empty
    FROM attribute
    WHERE attribute ->> 'vr' IS DISTINCT FROM 'SQ' OR jsonb_array_length(COALESCE(attribute -> 'Value', '[]')) = 0
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
        END COLLATE "C" AS value
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
