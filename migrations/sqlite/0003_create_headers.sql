-- Migration 0003: headers as JSON, and as values that can be counted
--
-- Tables, each with its grain in its comment:
--   series_header, slice_header, header_value, header_removed
--
-- What is common to a series is stored once, what differs per slice beside it. A path that lacks a row here and
-- in slice_header is absent; header_removed says whether it was.

-- One row per series with a header: the attributes common to all its slices.
CREATE TABLE series_header (
    -- Patient.
    patient_id INTEGER NOT NULL,
    -- Series.
    series_id INTEGER NOT NULL,
    -- DICOM JSON (PS3.18 F.2) of the common attributes, DS/IS/SV/UV as exact text; for other formats the header
    -- fields by name.
    header TEXT NOT NULL,
    CONSTRAINT series_header_pkey PRIMARY KEY (patient_id, series_id),
    CONSTRAINT series_header_series_fk FOREIGN KEY (patient_id, series_id)
        REFERENCES series (patient_id, series_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT series_header_header_check CHECK (json_valid(header))
) STRICT;

-- One row per slice whose header differs from that of its series: only the attributes that differ.
CREATE TABLE slice_header (
    -- Patient.
    patient_id INTEGER NOT NULL,
    -- Slice.
    slice_id INTEGER NOT NULL,
    -- DICOM JSON of the attributes that are not common to the series.
    header TEXT NOT NULL,
    CONSTRAINT slice_header_pkey PRIMARY KEY (patient_id, slice_id),
    CONSTRAINT slice_header_slice_fk FOREIGN KEY (patient_id, slice_id)
        REFERENCES slice (patient_id, slice_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT slice_header_header_check CHECK (json_valid(header))
) STRICT;

-- One row per series × path × value, for paths that do not vary by slice: how many slices have it.
CREATE TABLE header_value (
    -- Patient.
    patient_id INTEGER NOT NULL,
    -- Series.
    series_id INTEGER NOT NULL,
    -- Path of the attribute: eight hexadecimal digits a tag, joined by . through sequences, such as
    -- 00400275.00400007; for other formats the name of the field.
    path TEXT NOT NULL,
    -- Tells several values of one path apart, 0-based in order of class and value.
    value_ordinal INTEGER NOT NULL DEFAULT 0,
    -- value: one value; multi: several, joined by a backslash; empty: the attribute is there without a value.
    value_class TEXT NOT NULL,
    -- The value as text, trailing padding removed; NULL where empty.
    value TEXT,
    -- Slices of the series that have it (1 for an object); the rest lack the attribute.
    slice_count INTEGER NOT NULL,
    CONSTRAINT header_value_pkey PRIMARY KEY (patient_id, series_id, path, value_ordinal),
    CONSTRAINT header_value_series_fk FOREIGN KEY (patient_id, series_id)
        REFERENCES series (patient_id, series_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT header_value_value_class_check CHECK (value_class IN ('value', 'empty', 'multi')),
    CONSTRAINT header_value_value_check CHECK ((value_class = 'empty') = (value IS NULL)),
    CONSTRAINT header_value_slice_count_check CHECK (slice_count > 0)
) STRICT, WITHOUT ROWID;
CREATE INDEX header_value_path_index ON header_value (path);

-- One row per series × path that the allow-list touched: what was done, how often. No value is kept.
CREATE TABLE header_removed (
    -- Patient.
    patient_id INTEGER NOT NULL,
    -- Series.
    series_id INTEGER NOT NULL,
    -- Path of the attribute, as in header_value.
    path TEXT NOT NULL,
    -- removed_*: the attribute is gone, for what it could reveal (a date, a name, text, graphics, private or
    -- unlisted content); emptied: it stays without a value; pseudonymised, replaced: its value was exchanged.
    action TEXT NOT NULL,
    -- How often in the slices of the series.
    removed_count INTEGER NOT NULL,
    CONSTRAINT header_removed_pkey PRIMARY KEY (patient_id, series_id, path, action),
    CONSTRAINT header_removed_series_fk FOREIGN KEY (patient_id, series_id)
        REFERENCES series (patient_id, series_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT header_removed_action_check CHECK (
        action IN (
            'removed_private', 'removed_graphics', 'removed_date', 'removed_name', 'removed_text', 'removed_sequence',
            'removed_unlisted', 'emptied', 'pseudonymised', 'replaced'
        )
    ),
    CONSTRAINT header_removed_removed_count_check CHECK (removed_count > 0)
) STRICT, WITHOUT ROWID;
CREATE INDEX header_removed_path_index ON header_removed (path);
