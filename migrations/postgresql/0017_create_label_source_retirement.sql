-- Migration 0017: sources of labels that a person takes out of force, and how a rejection ended
--
-- Tables, each with its grain in its comment:
--   label_source_retirement

CREATE TABLE label_source_retirement (
    label_source_id bigint NOT NULL,
    ordinal integer NOT NULL,
    author text COLLATE "C" NOT NULL,
    reason text COLLATE "C" NOT NULL,
    retired_at timestamptz NOT NULL,
    restore_author text COLLATE "C",
    restore_reason text COLLATE "C",
    restored_at timestamptz,
    CONSTRAINT label_source_retirement_pkey PRIMARY KEY (label_source_id, ordinal),
    CONSTRAINT label_source_retirement_label_source_fk FOREIGN KEY (label_source_id)
        REFERENCES label_source (label_source_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_source_retirement_ordinal_check CHECK (ordinal >= 0),
    CONSTRAINT label_source_retirement_restore_check CHECK (
        (restored_at IS NULL) = (restore_author IS NULL) AND (restored_at IS NULL) = (restore_reason IS NULL)
    )
);
COMMENT ON TABLE label_source_retirement IS
    'One row per time that a person took a source of labels or marks out of force. What it says is kept.';
COMMENT ON COLUMN label_source_retirement.label_source_id IS 'Source that no longer counts.';
COMMENT ON COLUMN label_source_retirement.ordinal IS
    '0, or 1, 2, … where it was retired again after it had been restored.';
COMMENT ON COLUMN label_source_retirement.author IS 'Who retired it.';
COMMENT ON COLUMN label_source_retirement.reason IS 'Why, in one sentence.';
COMMENT ON COLUMN label_source_retirement.retired_at IS 'When it was retired, UTC.';
COMMENT ON COLUMN label_source_retirement.restore_author IS 'Who took that back; NULL while it stands.';
COMMENT ON COLUMN label_source_retirement.restore_reason IS 'Why that was taken back, in one sentence.';
COMMENT ON COLUMN label_source_retirement.restored_at IS 'When that was taken back, UTC; NULL while it stands.';
COMMENT ON COLUMN label_source.is_active IS
    'Whether its labels count; false once the file that held the table holds another version of it, or a person has '
    'retired it (label_source_retirement).';

ALTER TABLE rejection ADD COLUMN resolution text COLLATE "C"
    CONSTRAINT rejection_resolution_check CHECK (resolution = 'read_again' OR resolution = 'file_gone');
UPDATE rejection SET resolution = 'read_again' WHERE replayed_at IS NOT NULL;
COMMENT ON COLUMN rejection.resolution IS
    'How it ended: read_again (a later run read the file, and took or refused it anew), file_gone (the file is no '
    'longer in its folder); NULL while it stands.';
COMMENT ON COLUMN rejection.replayed_at IS
    'When it ended, UTC; resolution says how. NULL while it stands.';
