-- Migration 0017: sources of labels that a person takes out of force, and how a rejection ended
--
-- Tables, each with its grain in its comment:
--   label_source_retirement

-- One row per time that a person took a source of labels or marks out of force. What it says is kept.
CREATE TABLE label_source_retirement (
    -- Source that no longer counts.
    label_source_id INTEGER NOT NULL,
    -- 0, or 1, 2, … where it was retired again after it had been restored.
    ordinal INTEGER NOT NULL,
    -- Who retired it.
    author TEXT NOT NULL,
    -- Why, in one sentence.
    reason TEXT NOT NULL,
    -- When it was retired, UTC.
    retired_at TEXT NOT NULL,
    -- Who took that back; NULL while it stands.
    restore_author TEXT,
    -- Why that was taken back, in one sentence.
    restore_reason TEXT,
    -- When that was taken back, UTC; NULL while it stands.
    restored_at TEXT,
    CONSTRAINT label_source_retirement_pkey PRIMARY KEY (label_source_id, ordinal),
    CONSTRAINT label_source_retirement_label_source_fk FOREIGN KEY (label_source_id)
        REFERENCES label_source (label_source_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_source_retirement_ordinal_check CHECK (ordinal >= 0),
    CONSTRAINT label_source_retirement_retired_at_check CHECK (retired_at GLOB '????-??-??T??:??:??.??????Z'),
    CONSTRAINT label_source_retirement_restored_at_check CHECK (restored_at GLOB '????-??-??T??:??:??.??????Z'),
    CONSTRAINT label_source_retirement_restore_check CHECK (
        (restored_at IS NULL) = (restore_author IS NULL) AND (restored_at IS NULL) = (restore_reason IS NULL)
    )
) STRICT, WITHOUT ROWID;

-- How it ended: read_again (a later run read the file, and took or refused it anew), file_gone (the file is no longer
-- in its folder); NULL while it stands.
ALTER TABLE rejection ADD COLUMN resolution TEXT
    CONSTRAINT rejection_resolution_check CHECK (resolution = 'read_again' OR resolution = 'file_gone');
UPDATE rejection SET resolution = 'read_again' WHERE replayed_at IS NOT NULL;
