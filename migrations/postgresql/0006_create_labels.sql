-- Migration 0006: what was asserted, and the values derived from it
--
-- Tables, each with its grain in its comment:
--   label, label_value, label_correction, label_unresolved
--
-- Raw is kept, clean is derived: label is never edited, label_value holds one set of values per ruleset.

CREATE TABLE label (
    patient_id bigint NOT NULL,
    label_source_id bigint NOT NULL,
    label_id bigint NOT NULL,
    label_domain_id bigint NOT NULL,
    reader_id bigint NOT NULL,
    level text COLLATE "C" NOT NULL,
    study_id bigint,
    series_id bigint,
    slice_id bigint,
    annotation_id bigint,
    subject_id bigint
        GENERATED ALWAYS AS (COALESCE(annotation_id, slice_id, series_id, study_id, patient_id)) STORED NOT NULL,
    occurrence integer NOT NULL DEFAULT 0,
    raw_value text COLLATE "C" NOT NULL,
    source_file_id bigint,
    source_row bigint,
    ingest_run_id bigint NOT NULL,
    CONSTRAINT label_pkey PRIMARY KEY (patient_id, label_source_id, label_id),
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
) PARTITION BY LIST (label_source_id);

-- A large source builds its own partition, adds the constraints set-based, and attaches it.
CREATE TABLE label_default PARTITION OF label DEFAULT;
CREATE INDEX label_label_domain_id_index ON label (label_domain_id);

COMMENT ON TABLE label IS 'One row per raw assertion: subject × domain × source × reader, as it was written.';
COMMENT ON COLUMN label.patient_id IS 'Patient.';
COMMENT ON COLUMN label.label_source_id IS 'Where the assertion was read.';
COMMENT ON COLUMN label.label_id IS 'Content key of (source, subject, domain, reader, occurrence).';
COMMENT ON COLUMN label.label_domain_id IS 'Question it answers.';
COMMENT ON COLUMN label.reader_id IS 'Who asserts it.';
COMMENT ON COLUMN label.level IS 'Kind of the subject; exactly the id of that kind is set.';
COMMENT ON COLUMN label.study_id IS 'Study it is about; set at level study only.';
COMMENT ON COLUMN label.series_id IS 'Series it is about; set at level series only.';
COMMENT ON COLUMN label.slice_id IS 'Slice it is about; set at level slice only.';
COMMENT ON COLUMN label.annotation_id IS 'Annotation it is about; set at level annotation only.';
COMMENT ON COLUMN label.subject_id IS 'Id of the subject at its level, whichever it is.';
COMMENT ON COLUMN label.occurrence IS
    '0, or 1, 2, … where one source answers the question about one subject again with another value.';
COMMENT ON COLUMN label.raw_value IS 'The answer exactly as written, blanks included.';
COMMENT ON COLUMN label.source_file_id IS 'File the answer stands in.';
COMMENT ON COLUMN label.source_row IS
    'Row of the file, 1-based without the header; NULL where the source has no rows.';
COMMENT ON COLUMN label.ingest_run_id IS 'Run that stored it.';

CREATE TABLE label_value (
    patient_id bigint NOT NULL,
    label_source_id bigint NOT NULL,
    label_id bigint NOT NULL,
    label_ruleset_id bigint NOT NULL,
    value_ordinal integer NOT NULL DEFAULT 0,
    status text COLLATE "C" NOT NULL,
    label_term_id bigint,
    number_value double precision,
    text_value text COLLATE "C",
    rule_index integer,
    reason text COLLATE "C",
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
) PARTITION BY LIST (label_source_id);

CREATE TABLE label_value_default PARTITION OF label_value DEFAULT;
CREATE INDEX label_value_label_term_id_index ON label_value (label_term_id) WHERE label_term_id IS NOT NULL;
CREATE INDEX label_value_label_ruleset_id_index ON label_value (label_ruleset_id);

COMMENT ON TABLE label_value IS
    'One row per label × ruleset × value: what the rules made of the raw assertion. A list gives several '
    'values.';
COMMENT ON COLUMN label_value.patient_id IS 'Patient.';
COMMENT ON COLUMN label_value.label_source_id IS 'Source of the label.';
COMMENT ON COLUMN label_value.label_id IS 'Label.';
COMMENT ON COLUMN label_value.label_ruleset_id IS 'Ruleset that was applied.';
COMMENT ON COLUMN label_value.value_ordinal IS 'Position among the values of the label, 0-based.';
COMMENT ON COLUMN label_value.status IS
    'clean: a value was derived; quarantined: a person has to look; dropped: a rule says there is no '
    'value; empty: nothing was written.';
COMMENT ON COLUMN label_value.label_term_id IS 'Value in a domain of terms.';
COMMENT ON COLUMN label_value.number_value IS 'Value in a domain of numbers, in the unit of the domain.';
COMMENT ON COLUMN label_value.text_value IS 'Value in a domain of text.';
COMMENT ON COLUMN label_value.rule_index IS
    'Rule that decided, 0-based; the number of rules where the default of the domain did; NULL where none '
    'did.';
COMMENT ON COLUMN label_value.reason IS
    'Code of why there is no value, such as unmatched or out_of_range; NULL where there is one.';

CREATE TABLE label_correction (
    patient_id bigint NOT NULL,
    label_source_id bigint NOT NULL,
    label_id bigint NOT NULL,
    replacement_label_source_id bigint,
    replacement_label_id bigint,
    author text COLLATE "C" NOT NULL,
    reason text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT label_correction_pkey PRIMARY KEY (patient_id, label_source_id, label_id),
    CONSTRAINT label_correction_label_fk FOREIGN KEY (patient_id, label_source_id, label_id)
        REFERENCES label (patient_id, label_source_id, label_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_correction_replacement_label_fk
        FOREIGN KEY (patient_id, replacement_label_source_id, replacement_label_id)
        REFERENCES label (patient_id, label_source_id, label_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_correction_replacement_check CHECK (
        (replacement_label_id IS NULL) = (replacement_label_source_id IS NULL)
    ),
    CONSTRAINT label_correction_self_check CHECK (replacement_label_id IS NULL OR replacement_label_id <> label_id)
);
CREATE INDEX label_correction_patient_id_replacement_label_id_index
    ON label_correction (patient_id, replacement_label_id) WHERE replacement_label_id IS NOT NULL;

COMMENT ON TABLE label_correction IS
    'One row per label that a person replaced: the old one is kept and no longer counts.';
COMMENT ON COLUMN label_correction.patient_id IS 'Patient.';
COMMENT ON COLUMN label_correction.label_source_id IS 'Source of the label that no longer counts.';
COMMENT ON COLUMN label_correction.label_id IS 'Label that no longer counts.';
COMMENT ON COLUMN label_correction.replacement_label_source_id IS
    'Source of the label in its place; NULL where it was withdrawn.';
COMMENT ON COLUMN label_correction.replacement_label_id IS 'Label in its place; NULL where it was withdrawn.';
COMMENT ON COLUMN label_correction.author IS 'Who corrected it.';
COMMENT ON COLUMN label_correction.reason IS 'Why, in one sentence.';
COMMENT ON COLUMN label_correction.created_at IS 'When it was corrected, UTC.';

CREATE TABLE label_unresolved (
    label_unresolved_id bigint NOT NULL,
    dataset_id bigint NOT NULL,
    label_source_id bigint NOT NULL,
    patient_key text COLLATE "C",
    study_key text COLLATE "C",
    series_key text COLLATE "C",
    instance_number integer,
    sop_instance_uid text COLLATE "C",
    level text COLLATE "C" NOT NULL,
    label_domain_id bigint NOT NULL,
    reader_id bigint NOT NULL,
    occurrence integer NOT NULL DEFAULT 0,
    raw_value text COLLATE "C" NOT NULL,
    source_file_id bigint,
    source_row bigint,
    reason text COLLATE "C" NOT NULL,
    ingest_run_id bigint NOT NULL,
    CONSTRAINT label_unresolved_pkey PRIMARY KEY (label_unresolved_id),
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
);
CREATE INDEX label_unresolved_dataset_id_patient_key_index ON label_unresolved (dataset_id, patient_key);
CREATE INDEX label_unresolved_sop_instance_uid_index
    ON label_unresolved (sop_instance_uid) WHERE sop_instance_uid IS NOT NULL;
CREATE INDEX label_unresolved_label_source_id_index ON label_unresolved (label_source_id);

COMMENT ON TABLE label_unresolved IS
    'One row per assertion whose image is not in the warehouse; it becomes a label when the image '
    'arrives.';
COMMENT ON COLUMN label_unresolved.label_unresolved_id IS
    'Content key of (source, subject keys, domain, reader, occurrence).';
COMMENT ON COLUMN label_unresolved.dataset_id IS 'Dataset.';
COMMENT ON COLUMN label_unresolved.label_source_id IS 'Where the assertion was read.';
COMMENT ON COLUMN label_unresolved.patient_key IS
    'Patient key as patient.patient_key would have it; NULL where the source names only the image.';
COMMENT ON COLUMN label_unresolved.study_key IS 'Study key, where the source gives one.';
COMMENT ON COLUMN label_unresolved.series_key IS 'Series key, where the source gives one.';
COMMENT ON COLUMN label_unresolved.instance_number IS 'Number of the slice, where the source gives one.';
COMMENT ON COLUMN label_unresolved.sop_instance_uid IS 'SOP Instance UID, where the source gives one.';
COMMENT ON COLUMN label_unresolved.level IS 'Kind of the subject.';
COMMENT ON COLUMN label_unresolved.label_domain_id IS 'Question it answers.';
COMMENT ON COLUMN label_unresolved.reader_id IS 'Who asserts it.';
COMMENT ON COLUMN label_unresolved.occurrence IS 'As in label.';
COMMENT ON COLUMN label_unresolved.raw_value IS 'The answer exactly as written.';
COMMENT ON COLUMN label_unresolved.source_file_id IS 'File the answer stands in.';
COMMENT ON COLUMN label_unresolved.source_row IS 'Row of the file, 1-based without the header.';
COMMENT ON COLUMN label_unresolved.reason IS 'Code of what is missing, such as patient_absent or slice_absent.';
COMMENT ON COLUMN label_unresolved.ingest_run_id IS 'Run that stored it.';
