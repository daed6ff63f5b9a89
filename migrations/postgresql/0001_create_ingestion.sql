-- Migration 0001: what a run reads, and what became of it
--
-- Tables, each with its grain in its comment:
--   dataset, pseudonym_key, ingest_run, source_file, rejection
--
-- Catalogue ids are content keys: 63 bits of SHA-256 over the natural key, computed by the client. Every foreign
-- key of the schema is deferred to the end of the transaction, because a run writes children first and the
-- parents that other runs contend for last. Every text column has the collation "C": its order is that of
-- SQLite, and no index depends on the locale library of the server.

-- Three roles for a shared server, made where the user may make them. Everything below works without them too.
DO $$
DECLARE
    role_name text;
    roles CONSTANT text[] := ARRAY['slicehouse_owner', 'slicehouse_loader', 'slicehouse_reader'];
BEGIN
    FOREACH role_name IN ARRAY roles LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = role_name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
            EXCEPTION
                WHEN duplicate_object OR unique_violation THEN
                    NULL;  -- another migration made it in the meantime: roles belong to the whole cluster
                WHEN insufficient_privilege THEN
                    RAISE NOTICE 'Role % was not created because this user may not create roles; ask an administrator.',
                        role_name;
            END;
        END IF;
    END LOOP;
END
$$;

-- Default privileges come before the first table, so that tables, partitions and views of every migration get them.
DO $$
DECLARE
    here CONSTANT text := current_schema();
    may_own CONSTANT boolean := EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'slicehouse_owner');
    may_load CONSTANT boolean := EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'slicehouse_loader');
    may_read CONSTANT boolean := EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'slicehouse_reader');
BEGIN
    IF may_own THEN
        EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO slicehouse_owner', here);
        EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT ALL ON TABLES TO slicehouse_owner', here);
        EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT ALL ON SEQUENCES TO slicehouse_owner', here);
    END IF;
    IF may_load THEN
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO slicehouse_loader', here);
        EXECUTE format(
            'ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO slicehouse_loader',
            here);
        EXECUTE format(
            'ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT USAGE, SELECT ON SEQUENCES TO slicehouse_loader', here);
    END IF;
    IF may_read THEN
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO slicehouse_reader', here);
        EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT SELECT ON TABLES TO slicehouse_reader', here);
    END IF;
END
$$;

-- The ledger is the migrator's own: readers and loaders look at it, only its owner writes it.
DO $$
DECLARE
    role_name text;
BEGIN
    IF to_regclass('schema_migration') IS NULL THEN
        RETURN;
    END IF;
    FOREACH role_name IN ARRAY ARRAY['slicehouse_loader', 'slicehouse_reader'] LOOP
        IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = role_name) THEN
            EXECUTE format('GRANT SELECT ON schema_migration TO %I', role_name);
        END IF;
    END LOOP;
END
$$;

CREATE TABLE dataset (
    dataset_id bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    version text COLLATE "C" NOT NULL,
    adapter text COLLATE "C" NOT NULL,
    patient_key_kind text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT dataset_pkey PRIMARY KEY (dataset_id),
    CONSTRAINT dataset_name_version_key UNIQUE (name, version),
    CONSTRAINT dataset_dataset_id_check CHECK (dataset_id >= 0),
    CONSTRAINT dataset_patient_key_kind_check CHECK (patient_key_kind IN ('research', 'clinical')),
    CONSTRAINT dataset_name_check CHECK (name <> '')
);

COMMENT ON TABLE dataset IS 'One row per named version of a collection of images.';
COMMENT ON COLUMN dataset.dataset_id IS 'Content key of (name, version).';
COMMENT ON COLUMN dataset.name IS 'Name given by the adapter or by --dataset, never by the path.';
COMMENT ON COLUMN dataset.version IS 'Version of the collection, such as 1.3.1; empty where it has none.';
COMMENT ON COLUMN dataset.adapter IS 'Adapter that recognised the layout and named the patients.';
COMMENT ON COLUMN dataset.patient_key_kind IS
    'What a patient key is: research keeps the key of the collection, clinical stores a keyed pseudonym '
    '(HMAC).';
COMMENT ON COLUMN dataset.created_at IS 'When the first run met the collection, UTC.';

CREATE TABLE pseudonym_key (
    only_row integer NOT NULL DEFAULT 1,
    fingerprint text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT pseudonym_key_pkey PRIMARY KEY (only_row),
    CONSTRAINT pseudonym_key_only_row_check CHECK (only_row = 1),
    CONSTRAINT pseudonym_key_fingerprint_check CHECK (fingerprint <> '')
);

COMMENT ON TABLE pseudonym_key IS
    'At most one row: which key made the pseudonyms of this warehouse. The key itself is never stored.';
COMMENT ON COLUMN pseudonym_key.only_row IS 'Always 1, so that a second key cannot be registered.';
COMMENT ON COLUMN pseudonym_key.fingerprint IS
    'SHA-256 of the key in hexadecimal; a run with another key is refused.';
COMMENT ON COLUMN pseudonym_key.created_at IS 'When the key was first used, UTC.';

CREATE TABLE ingest_run (
    ingest_run_id bigint GENERATED BY DEFAULT AS IDENTITY,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    heartbeat_at timestamptz NOT NULL,
    status text COLLATE "C" NOT NULL,
    slicehouse_version text COLLATE "C" NOT NULL,
    options jsonb NOT NULL,
    process_id bigint,
    seen_count bigint NOT NULL DEFAULT 0,
    stored_count bigint NOT NULL DEFAULT 0,
    known_count bigint NOT NULL DEFAULT 0,
    label_source_count bigint NOT NULL DEFAULT 0,
    ignored_count bigint NOT NULL DEFAULT 0,
    rejected_count bigint NOT NULL DEFAULT 0,
    slice_count bigint NOT NULL DEFAULT 0,
    CONSTRAINT ingest_run_pkey PRIMARY KEY (ingest_run_id),
    CONSTRAINT ingest_run_status_check CHECK (
        status IN ('running', 'completed', 'failed', 'interrupted', 'abandoned')
    ),
    CONSTRAINT ingest_run_finished_at_check CHECK ((status = 'running') = (finished_at IS NULL)),
    CONSTRAINT ingest_run_count_check CHECK (
        status <> 'completed' OR seen_count
            = stored_count + known_count + label_source_count + ignored_count + rejected_count
    )
);

COMMENT ON TABLE ingest_run IS 'One row per run that writes: its options, its state, and counts that add up.';
COMMENT ON COLUMN ingest_run.ingest_run_id IS 'Number of the run, in order of start; differs between warehouses.';
COMMENT ON COLUMN ingest_run.started_at IS 'Start, UTC.';
COMMENT ON COLUMN ingest_run.finished_at IS 'End, UTC; NULL while the run is running.';
COMMENT ON COLUMN ingest_run.heartbeat_at IS
    'Last sign of life, UTC; a running run that stopped giving any is marked abandoned.';
COMMENT ON COLUMN ingest_run.status IS
    'running; completed (rejected files included); failed (an error ended it); interrupted (a person '
    'did); abandoned (found dead by a later run).';
COMMENT ON COLUMN ingest_run.slicehouse_version IS 'Version of the program that ran.';
COMMENT ON COLUMN ingest_run.options IS 'Resolved options of the run, without secrets and without row values.';
COMMENT ON COLUMN ingest_run.process_id IS 'Process that runs it, to tell a stale run from a live one.';
COMMENT ON COLUMN ingest_run.seen_count IS 'Files found by the scan.';
COMMENT ON COLUMN ingest_run.stored_count IS 'Files whose content this run stored.';
COMMENT ON COLUMN ingest_run.known_count IS 'Files whose content was stored before.';
COMMENT ON COLUMN ingest_run.label_source_count IS 'Files read for labels, not for pixels.';
COMMENT ON COLUMN ingest_run.ignored_count IS 'Files that are not ours to store, each with a reason in source_file.';
COMMENT ON COLUMN ingest_run.rejected_count IS
    'Files that should have been stored and could not, each with a rejection.';
COMMENT ON COLUMN ingest_run.slice_count IS 'Slices this run stored.';

CREATE TABLE source_file (
    source_file_id bigint NOT NULL,
    root text COLLATE "C" NOT NULL,
    relative_path text COLLATE "C" NOT NULL,
    dataset_id bigint,
    size_bytes bigint NOT NULL,
    mtime_ns bigint NOT NULL,
    ctime_ns bigint NOT NULL,
    sha256 bytea,
    outcome text COLLATE "C" NOT NULL,
    reason text COLLATE "C",
    first_ingest_run_id bigint NOT NULL,
    ingest_run_id bigint NOT NULL,
    CONSTRAINT source_file_pkey PRIMARY KEY (source_file_id),
    CONSTRAINT source_file_root_relative_path_key UNIQUE (root, relative_path),
    CONSTRAINT source_file_dataset_fk FOREIGN KEY (dataset_id)
        REFERENCES dataset (dataset_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT source_file_first_ingest_run_fk FOREIGN KEY (first_ingest_run_id)
        REFERENCES ingest_run (ingest_run_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT source_file_ingest_run_fk FOREIGN KEY (ingest_run_id)
        REFERENCES ingest_run (ingest_run_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT source_file_source_file_id_check CHECK (source_file_id >= 0),
    CONSTRAINT source_file_sha256_check CHECK (octet_length(sha256) = 32),
    CONSTRAINT source_file_outcome_check CHECK (outcome IN ('stored', 'known', 'label_source', 'ignored', 'rejected')),
    CONSTRAINT source_file_size_bytes_check CHECK (size_bytes >= 0),
    CONSTRAINT source_file_reason_check CHECK (outcome NOT IN ('ignored', 'rejected') OR reason IS NOT NULL)
);
CREATE INDEX source_file_sha256_index ON source_file (sha256) WHERE sha256 IS NOT NULL;
CREATE INDEX source_file_ingest_run_id_index ON source_file (ingest_run_id);

COMMENT ON TABLE source_file IS 'One row per file ever met: root × relative path, with what became of its content.';
COMMENT ON COLUMN source_file.source_file_id IS 'Content key of (root, relative_path).';
COMMENT ON COLUMN source_file.root IS
    'Folder given to ingest, made absolute; a keyed pseudonym where the dataset is clinical.';
COMMENT ON COLUMN source_file.relative_path IS
    'Path below root, joined by /; components are keyed pseudonyms where the dataset is clinical.';
COMMENT ON COLUMN source_file.dataset_id IS 'Dataset the file belongs to; NULL where no adapter claimed it.';
COMMENT ON COLUMN source_file.size_bytes IS 'Size of the file in bytes.';
COMMENT ON COLUMN source_file.mtime_ns IS 'Modification time, nanoseconds since 1970 UTC.';
COMMENT ON COLUMN source_file.ctime_ns IS 'Inode change time, nanoseconds since 1970 UTC.';
COMMENT ON COLUMN source_file.sha256 IS 'SHA-256 of the content; NULL where the file was never read.';
COMMENT ON COLUMN source_file.outcome IS
    'stored: its pixels or header are in the warehouse; known: the same content is stored from another '
    'file; label_source: it was read for labels; ignored, rejected: see reason. A later run that meets '
    'the file unchanged leaves it.';
COMMENT ON COLUMN source_file.reason IS 'Code of the reason; required where ignored or rejected.';
COMMENT ON COLUMN source_file.first_ingest_run_id IS 'Run that met the file first.';
COMMENT ON COLUMN source_file.ingest_run_id IS 'Run that gave it its outcome.';

CREATE TABLE rejection (
    rejection_id bigint GENERATED BY DEFAULT AS IDENTITY,
    ingest_run_id bigint NOT NULL,
    source_file_id bigint,
    file_number bigint,
    row_number bigint,
    stage text COLLATE "C" NOT NULL,
    code text COLLATE "C" NOT NULL,
    byte_offset bigint,
    reader_version text COLLATE "C" NOT NULL,
    sentence text COLLATE "C" NOT NULL,
    replayed_at timestamptz,
    CONSTRAINT rejection_pkey PRIMARY KEY (rejection_id),
    CONSTRAINT rejection_ingest_run_fk FOREIGN KEY (ingest_run_id)
        REFERENCES ingest_run (ingest_run_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT rejection_source_file_fk FOREIGN KEY (source_file_id)
        REFERENCES source_file (source_file_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT rejection_stage_check CHECK (stage IN ('scan', 'read', 'clean', 'encode', 'commit', 'label'))
);
CREATE INDEX rejection_ingest_run_id_index ON rejection (ingest_run_id);
CREATE INDEX rejection_source_file_id_index ON rejection (source_file_id);

COMMENT ON TABLE rejection IS
    'One row per file or table row that a run could not take, with the reason in one sentence.';
COMMENT ON COLUMN rejection.rejection_id IS 'Number of the rejection; differs between warehouses.';
COMMENT ON COLUMN rejection.ingest_run_id IS 'Run that rejected it.';
COMMENT ON COLUMN rejection.source_file_id IS 'File that was rejected, or that holds the row.';
COMMENT ON COLUMN rejection.file_number IS
    'Number of the file within the run, 1-based in byte order of the path; messages name it so.';
COMMENT ON COLUMN rejection.row_number IS
    'Row of a table file, 1-based without the header; NULL where the whole file is meant.';
COMMENT ON COLUMN rejection.stage IS 'Step that failed.';
COMMENT ON COLUMN rejection.code IS 'Reason for programs, such as truncated_pixels.';
COMMENT ON COLUMN rejection.byte_offset IS
    'Where in the file reading failed, bytes from its start; NULL where unknown.';
COMMENT ON COLUMN rejection.reader_version IS 'Version of the program that rejected it; a later one may replay it.';
COMMENT ON COLUMN rejection.sentence IS 'What failed, on what, why, what to do; holds no value of the file.';
COMMENT ON COLUMN rejection.replayed_at IS 'When --replay-rejected took it after all, UTC; NULL while it stands.';
