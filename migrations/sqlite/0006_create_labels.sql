-- Migration 0006: what was asserted, and the values derived from it
--
-- Tables, each with its grain in its comment:
--   label, label_value, label_correction, label_unresolved
--
-- Raw is kept, clean is derived: label is never edited, label_value holds one set of values per ruleset.

-- One row per raw assertion: subject × domain × source × reader, as it was written.
CREATE TABLE label (
    -- Patient.
    patient_id INTEGER NOT NULL,
    -- Where the assertion was read.
    label_source_id INTEGER NOT NULL,
    -- Content key of (source, subject, domain, reader, occurrence).
    label_id INTEGER PRIMARY KEY,
    -- Question it answers.
    label_domain_id INTEGER NOT NULL,
    -- Who asserts it.
    reader_id INTEGER NOT NULL,
    -- Kind of the subject; exactly the id of that kind is set.
    level TEXT NOT NULL,
    -- Study it is about; set at level study only.
    study_id INTEGER,
    -- Series it is about; set at level series only.
    series_id INTEGER,
    -- Slice it is about; set at level slice only.
    slice_id INTEGER,
    -- Annotation it is about; set at level annotation only.
    annotation_id INTEGER,
    -- Id of the subject at its level, whichever it is.
    subject_id INTEGER
        GENERATED ALWAYS AS (COALESCE(annotation_id, slice_id, series_id, study_id, patient_id)) STORED NOT NULL,
    -- 0, or 1, 2, … where one source answers the question about one subject again with another value.
    occurrence INTEGER NOT NULL DEFAULT 0,
    -- The answer exactly as written, blanks included.
    raw_value TEXT NOT NULL,
    -- File the answer stands in.
    source_file_id INTEGER,
    -- Row of the file, 1-based without the header; NULL where the source has no rows.
    source_row INTEGER,
    -- Run that stored it.
    ingest_run_id INTEGER NOT NULL,
    CONSTRAINT label_patient_id_label_source_id_label_id_key UNIQUE (patient_id, label_source_id, label_id),
    CONSTRAINT label_natural_key
        UNIQUE (patient_id, label_source_id, subject_id, label_domain_id, reader_id, occurrence),
    CONSTRAINT label_label_source_fk FOREIGN KEY (label_source_id)
        REFERENCES label_source (label_source_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_label_domain_fk FOREIGN KEY (label_domain_id)
        REFERENCES label_domain (label_domain_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_reader_fk FOREIGN KEY (reader_id) REFERENCES reader (reader_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_patient_fk FOREIGN KEY (patient_id)
        REFERENCES patient (patient_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_study_fk FOREIGN KEY (patient_id, study_id)
        REFERENCES study (patient_id, study_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_series_fk FOREIGN KEY (patient_id, series_id)
        REFERENCES series (patient_id, series_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_slice_fk FOREIGN KEY (patient_id, slice_id)
        REFERENCES slice (patient_id, slice_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_annotation_fk FOREIGN KEY (patient_id, annotation_id)
        REFERENCES annotation (patient_id, annotation_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_source_file_fk FOREIGN KEY (source_file_id)
        REFERENCES source_file (source_file_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_ingest_run_fk FOREIGN KEY (ingest_run_id)
        REFERENCES ingest_run (ingest_run_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_label_id_check CHECK (label_id >= 0),
    CONSTRAINT label_level_check CHECK (level IN ('patient', 'study', 'series', 'slice', 'annotation')),
    CONSTRAINT label_subject_check CHECK (
        (level = 'study') = (study_id IS NOT NULL)
        AND (level = 'series') = (series_id IS NOT NULL)
        AND (level = 'slice') = (slice_id IS NOT NULL)
        AND (level = 'annotation') = (annotation_id IS NOT NULL)
    ),
    CONSTRAINT label_occurrence_check CHECK (occurrence >= 0)
) STRICT;
CREATE INDEX label_label_domain_id_index ON label (label_domain_id);

-- One row per label × ruleset × value: what the rules made of the raw assertion. A list gives several values.
CREATE TABLE label_value (
    -- Patient.
    patient_id INTEGER NOT NULL,
    -- Source of the label.
    label_source_id INTEGER NOT NULL,
    -- Label.
    label_id INTEGER NOT NULL,
    -- Ruleset that was applied.
    label_ruleset_id INTEGER NOT NULL,
    -- Position among the values of the label, 0-based.
    value_ordinal INTEGER NOT NULL DEFAULT 0,
    -- clean: a value was derived; quarantined: a person has to look; dropped: a rule says there is no value;
    -- empty: nothing was written.
    status TEXT NOT NULL,
    -- Value in a domain of terms.
    label_term_id INTEGER,
    -- Value in a domain of numbers, in the unit of the domain.
    number_value REAL,
    -- Value in a domain of text.
    text_value TEXT,
    -- Rule that decided, 0-based; the number of rules where the default of the domain did; NULL where none did.
    rule_index INTEGER,
    -- Code of why there is no value, such as unmatched or out_of_range; NULL where there is one.
    reason TEXT,
    CONSTRAINT label_value_pkey PRIMARY KEY (patient_id, label_source_id, label_id, label_ruleset_id, value_ordinal),
    CONSTRAINT label_value_label_fk FOREIGN KEY (patient_id, label_source_id, label_id)
        REFERENCES label (patient_id, label_source_id, label_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_value_label_ruleset_fk FOREIGN KEY (label_ruleset_id)
        REFERENCES label_ruleset (label_ruleset_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_value_label_term_fk FOREIGN KEY (label_term_id)
        REFERENCES label_term (label_term_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_value_status_check CHECK (status IN ('clean', 'quarantined', 'dropped', 'empty')),
    CONSTRAINT label_value_value_ordinal_check CHECK (value_ordinal >= 0),
    CONSTRAINT label_value_reason_check CHECK (status <> 'clean' OR reason IS NULL),
    CONSTRAINT label_value_value_check CHECK (
        CASE WHEN label_term_id IS NULL THEN 0 ELSE 1 END
        + CASE WHEN number_value IS NULL THEN 0 ELSE 1 END
        + CASE WHEN text_value IS NULL THEN 0 ELSE 1 END
        = CASE WHEN status = 'clean' THEN 1 ELSE 0 END
    )
) STRICT, WITHOUT ROWID;
CREATE INDEX label_value_label_term_id_index ON label_value (label_term_id) WHERE label_term_id IS NOT NULL;
CREATE INDEX label_value_label_ruleset_id_index ON label_value (label_ruleset_id);

-- One row per label that a person replaced: the old one is kept and no longer counts.
CREATE TABLE label_correction (
    -- Patient.
    patient_id INTEGER NOT NULL,
    -- Source of the label that no longer counts.
    label_source_id INTEGER NOT NULL,
    -- Label that no longer counts.
    label_id INTEGER NOT NULL,
    -- Source of the label in its place; NULL where it was withdrawn.
    replacement_label_source_id INTEGER,
    -- Label in its place; NULL where it was withdrawn.
    replacement_label_id INTEGER,
    -- Who corrected it.
    author TEXT NOT NULL,
    -- Why, in one sentence.
    reason TEXT NOT NULL,
    -- When it was corrected, UTC.
    created_at TEXT NOT NULL,
    CONSTRAINT label_correction_pkey PRIMARY KEY (patient_id, label_source_id, label_id),
    CONSTRAINT label_correction_label_fk FOREIGN KEY (patient_id, label_source_id, label_id)
        REFERENCES label (patient_id, label_source_id, label_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_correction_replacement_label_fk
        FOREIGN KEY (patient_id, replacement_label_source_id, replacement_label_id)
        REFERENCES label (patient_id, label_source_id, label_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_correction_created_at_check CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    CONSTRAINT label_correction_replacement_check CHECK (
        (replacement_label_id IS NULL) = (replacement_label_source_id IS NULL)
    ),
    CONSTRAINT label_correction_self_check CHECK (replacement_label_id IS NULL OR replacement_label_id <> label_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX label_correction_patient_id_replacement_label_id_index
    ON label_correction (patient_id, replacement_label_id) WHERE replacement_label_id IS NOT NULL;

-- One row per assertion whose image is not in the warehouse; it becomes a label when the image arrives.
CREATE TABLE label_unresolved (
    -- Content key of (source, subject keys, domain, reader, occurrence).
    label_unresolved_id INTEGER PRIMARY KEY,
    -- Dataset.
    dataset_id INTEGER NOT NULL,
    -- Where the assertion was read.
    label_source_id INTEGER NOT NULL,
    -- Patient key as patient.patient_key would have it; NULL where the source names only the image.
    patient_key TEXT,
    -- Study key, where the source gives one.
    study_key TEXT,
    -- Series key, where the source gives one.
    series_key TEXT,
    -- Number of the slice, where the source gives one.
    instance_number INTEGER,
    -- SOP Instance UID, where the source gives one.
    sop_instance_uid TEXT,
    -- Kind of the subject.
    level TEXT NOT NULL,
    -- Question it answers.
    label_domain_id INTEGER NOT NULL,
    -- Who asserts it.
    reader_id INTEGER NOT NULL,
    -- As in label.
    occurrence INTEGER NOT NULL DEFAULT 0,
    -- The answer exactly as written.
    raw_value TEXT NOT NULL,
    -- File the answer stands in.
    source_file_id INTEGER,
    -- Row of the file, 1-based without the header.
    source_row INTEGER,
    -- Code of what is missing, such as patient_absent or slice_absent.
    reason TEXT NOT NULL,
    -- Run that stored it.
    ingest_run_id INTEGER NOT NULL,
    CONSTRAINT label_unresolved_dataset_fk FOREIGN KEY (dataset_id)
        REFERENCES dataset (dataset_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_unresolved_label_source_fk FOREIGN KEY (label_source_id)
        REFERENCES label_source (label_source_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_unresolved_label_domain_fk FOREIGN KEY (label_domain_id)
        REFERENCES label_domain (label_domain_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_unresolved_reader_fk FOREIGN KEY (reader_id)
        REFERENCES reader (reader_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_unresolved_source_file_fk FOREIGN KEY (source_file_id)
        REFERENCES source_file (source_file_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_unresolved_ingest_run_fk FOREIGN KEY (ingest_run_id)
        REFERENCES ingest_run (ingest_run_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_unresolved_label_unresolved_id_check CHECK (label_unresolved_id >= 0),
    CONSTRAINT label_unresolved_level_check CHECK (level IN ('patient', 'study', 'series', 'slice', 'annotation'))
) STRICT;
CREATE INDEX label_unresolved_dataset_id_patient_key_index ON label_unresolved (dataset_id, patient_key);
CREATE INDEX label_unresolved_sop_instance_uid_index
    ON label_unresolved (sop_instance_uid) WHERE sop_instance_uid IS NOT NULL;
CREATE INDEX label_unresolved_label_source_id_index ON label_unresolved (label_source_id);
