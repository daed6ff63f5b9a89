-- Migration 0001: what a run reads, and what became of it
--
-- Tables, each with its grain in its comment:
--   dataset, pseudonym_key, ingest_run, source_file, rejection
--
-- Catalogue ids are content keys: 63 bits of SHA-256 over the natural key, computed by the client. Every foreign
-- key of the schema is deferred to the end of the transaction, because a run writes children first and the
-- parents that other runs contend for last. STRICT tables; booleans are 0 or 1, times are ISO 8601 UTC text with
-- microseconds, JSON is text. The meaning of each column is that of the COMMENT in migrations/postgresql.

-- One row per named version of a collection of images.
CREATE TABLE dataset (
    -- Content key of (name, version).
    dataset_id INTEGER PRIMARY KEY,
    -- Name given by the adapter or by --dataset, never by the path.
    name TEXT NOT NULL,
    -- Version of the collection, such as 1.3.1; empty where it has none.
    version TEXT NOT NULL,
    -- Adapter that recognised the layout and named the patients.
    adapter TEXT NOT NULL,
    -- What a patient key is: research keeps the key of the collection, clinical stores a keyed pseudonym (HMAC).
    patient_key_kind TEXT NOT NULL,
    -- When the first run met the collection, UTC.
    created_at TEXT NOT NULL,
    CONSTRAINT dataset_name_version_key UNIQUE (name, version),
    CONSTRAINT dataset_dataset_id_check CHECK (dataset_id >= 0),
    CONSTRAINT dataset_patient_key_kind_check CHECK (patient_key_kind IN ('research', 'clinical')),
    CONSTRAINT dataset_created_at_check CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    CONSTRAINT dataset_name_check CHECK (name <> '')
) STRICT;

-- At most one row: which key made the pseudonyms of this warehouse. The key itself is never stored.
CREATE TABLE pseudonym_key (
    -- Always 1, so that a second key cannot be registered.
    only_row INTEGER NOT NULL DEFAULT 1,
    -- SHA-256 of the key in hexadecimal; a run with another key is refused.
    fingerprint TEXT NOT NULL,
    -- When the key was first used, UTC.
    created_at TEXT NOT NULL,
    CONSTRAINT pseudonym_key_pkey PRIMARY KEY (only_row),
    CONSTRAINT pseudonym_key_created_at_check CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    CONSTRAINT pseudonym_key_only_row_check CHECK (only_row = 1),
    CONSTRAINT pseudonym_key_fingerprint_check CHECK (fingerprint <> '')
) STRICT;

-- One row per run that writes: its options, its state, and counts that add up.
CREATE TABLE ingest_run (
    -- Number of the run, in order of start; differs between warehouses.
    ingest_run_id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Start, UTC.
    started_at TEXT NOT NULL,
    -- End, UTC; NULL while the run is running.
    finished_at TEXT,
    -- Last sign of life, UTC; a running run that stopped giving any is marked abandoned.
    heartbeat_at TEXT NOT NULL,
    -- running; completed (rejected files included); failed (an error ended it); interrupted (a person did);
    -- abandoned (found dead by a later run).
    status TEXT NOT NULL,
    -- Version of the program that ran.
    slicehouse_version TEXT NOT NULL,
    -- Resolved options of the run, without secrets and without row values.
    options TEXT NOT NULL,
    -- Process that runs it, to tell a stale run from a live one.
    process_id INTEGER,
    -- Files found by the scan.
    seen_count INTEGER NOT NULL DEFAULT 0,
    -- Files whose content this run stored.
    stored_count INTEGER NOT NULL DEFAULT 0,
    -- Files whose content was stored before.
    known_count INTEGER NOT NULL DEFAULT 0,
    -- Files read for labels, not for pixels.
    label_source_count INTEGER NOT NULL DEFAULT 0,
    -- Files that are not ours to store, each with a reason in source_file.
    ignored_count INTEGER NOT NULL DEFAULT 0,
    -- Files that should have been stored and could not, each with a rejection.
    rejected_count INTEGER NOT NULL DEFAULT 0,
    -- Slices this run stored.
    slice_count INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT ingest_run_started_at_check CHECK (started_at GLOB '????-??-??T??:??:??.??????Z'),
    CONSTRAINT ingest_run_finished_at_check CHECK (finished_at GLOB '????-??-??T??:??:??.??????Z'),
    CONSTRAINT ingest_run_heartbeat_at_check CHECK (heartbeat_at GLOB '????-??-??T??:??:??.??????Z'),
    CONSTRAINT ingest_run_status_check CHECK (
        status IN ('running', 'completed', 'failed', 'interrupted', 'abandoned')
    ),
    CONSTRAINT ingest_run_options_check CHECK (json_valid(options)),
    CONSTRAINT ingest_run_finished_at_check CHECK ((status = 'running') = (finished_at IS NULL)),
    CONSTRAINT ingest_run_count_check CHECK (
        status <> 'completed' OR seen_count
            = stored_count + known_count + label_source_count + ignored_count + rejected_count
    )
) STRICT;

-- One row per file ever met: root × relative path, with what became of its content.
CREATE TABLE source_file (
    -- Content key of (root, relative_path).
    source_file_id INTEGER PRIMARY KEY,
    -- Folder given to ingest, made absolute; a keyed pseudonym where the dataset is clinical.
    root TEXT NOT NULL,
    -- Path below root, joined by /; components are keyed pseudonyms where the dataset is clinical.
    relative_path TEXT NOT NULL,
    -- Dataset the file belongs to; NULL where no adapter claimed it.
    dataset_id INTEGER,
    -- Size of the file in bytes.
    size_bytes INTEGER NOT NULL,
    -- Modification time, nanoseconds since 1970 UTC.
    mtime_ns INTEGER NOT NULL,
    -- Inode change time, nanoseconds since 1970 UTC.
    ctime_ns INTEGER NOT NULL,
    -- SHA-256 of the content; NULL where the file was never read.
    sha256 BLOB,
    -- stored: its pixels or header are in the warehouse; known: the same content is stored from another file;
    -- label_source: it was read for labels; ignored, rejected: see reason. A later run that meets the file
    -- unchanged leaves it.
    outcome TEXT NOT NULL,
    -- Code of the reason; required where ignored or rejected.
    reason TEXT,
    -- Run that met the file first.
    first_ingest_run_id INTEGER NOT NULL,
    -- Run that gave it its outcome.
    ingest_run_id INTEGER NOT NULL,
    CONSTRAINT source_file_root_relative_path_key UNIQUE (root, relative_path),
    CONSTRAINT source_file_dataset_fk FOREIGN KEY (dataset_id)
        REFERENCES dataset (dataset_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT source_file_first_ingest_run_fk FOREIGN KEY (first_ingest_run_id)
        REFERENCES ingest_run (ingest_run_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT source_file_ingest_run_fk FOREIGN KEY (ingest_run_id)
        REFERENCES ingest_run (ingest_run_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT source_file_source_file_id_check CHECK (source_file_id >= 0),
    CONSTRAINT source_file_sha256_check CHECK (length(sha256) = 32),
    CONSTRAINT source_file_outcome_check CHECK (outcome IN ('stored', 'known', 'label_source', 'ignored', 'rejected')),
    CONSTRAINT source_file_size_bytes_check CHECK (size_bytes >= 0),
    CONSTRAINT source_file_reason_check CHECK (outcome NOT IN ('ignored', 'rejected') OR reason IS NOT NULL)
) STRICT;
CREATE INDEX source_file_sha256_index ON source_file (sha256) WHERE sha256 IS NOT NULL;
CREATE INDEX source_file_ingest_run_id_index ON source_file (ingest_run_id);

-- One row per file or table row that a run could not take, with the reason in one sentence.
CREATE TABLE rejection (
    -- Number of the rejection; differs between warehouses.
    rejection_id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Run that rejected it.
    ingest_run_id INTEGER NOT NULL,
    -- File that was rejected, or that holds the row.
    source_file_id INTEGER,
    -- Number of the file within the run, 1-based in byte order of the path; messages name it so.
    file_number INTEGER,
    -- Row of a table file, 1-based without the header; NULL where the whole file is meant.
    row_number INTEGER,
    -- Step that failed.
    stage TEXT NOT NULL,
    -- Reason for programs, such as truncated_pixels.
    code TEXT NOT NULL,
    -- Where in the file reading failed, bytes from its start; NULL where unknown.
    byte_offset INTEGER,
    -- Version of the program that rejected it; a later one may replay it.
    reader_version TEXT NOT NULL,
    -- What failed, on what, why, what to do; holds no value of the file.
    sentence TEXT NOT NULL,
    -- When --replay-rejected took it after all, UTC; NULL while it stands.
    replayed_at TEXT,
    CONSTRAINT rejection_ingest_run_fk FOREIGN KEY (ingest_run_id)
        REFERENCES ingest_run (ingest_run_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT rejection_source_file_fk FOREIGN KEY (source_file_id)
        REFERENCES source_file (source_file_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT rejection_stage_check CHECK (stage IN ('scan', 'read', 'clean', 'encode', 'commit', 'label')),
    CONSTRAINT rejection_replayed_at_check CHECK (replayed_at GLOB '????-??-??T??:??:??.??????Z')
) STRICT;
CREATE INDEX rejection_ingest_run_id_index ON rejection (ingest_run_id);
CREATE INDEX rejection_source_file_id_index ON rejection (source_file_id);
