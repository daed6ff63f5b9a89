-- Migration 0009: analyses of series, their spectra and their results
--
-- Tables, each with its grain in its comment:
--   analysis_run, singular_value, analysis_level

-- One row per analysis of one series: a denoising, a component labelling, volume statistics.
CREATE TABLE analysis_run (
    -- Patient.
    patient_id INTEGER NOT NULL,
    -- Number of the run; differs between warehouses.
    analysis_run_id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Series that was analysed.
    series_id INTEGER NOT NULL,
    -- Revision of the series then.
    series_revision INTEGER NOT NULL,
    -- What was done.
    kind TEXT NOT NULL,
    -- Recipe with every parameter of the method.
    recipe_id INTEGER NOT NULL,
    -- SHA-256 over the digests of the slices in order.
    input_digest BLOB NOT NULL,
    -- Method taken, rank chosen and why, noise level, error certificate; NULL until completed.
    result TEXT,
    -- Version of the program that ran.
    slicehouse_version TEXT NOT NULL,
    -- Start, UTC.
    started_at TEXT NOT NULL,
    -- End, UTC; NULL while it is running.
    finished_at TEXT,
    -- State, as in ingest_run.
    status TEXT NOT NULL,
    CONSTRAINT analysis_run_patient_id_analysis_run_id_key UNIQUE (patient_id, analysis_run_id),
    CONSTRAINT analysis_run_series_fk FOREIGN KEY (patient_id, series_id)
        REFERENCES series (patient_id, series_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT analysis_run_recipe_fk FOREIGN KEY (recipe_id)
        REFERENCES recipe (recipe_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT analysis_run_kind_check CHECK (kind IN ('svd', 'mppca', 'components', 'statistics')),
    CONSTRAINT analysis_run_input_digest_check CHECK (length(input_digest) = 32),
    CONSTRAINT analysis_run_result_check CHECK (result IS NULL OR json_valid(result)),
    CONSTRAINT analysis_run_started_at_check CHECK (started_at GLOB '????-??-??T??:??:??.??????Z'),
    CONSTRAINT analysis_run_finished_at_check CHECK (finished_at GLOB '????-??-??T??:??:??.??????Z'),
    CONSTRAINT analysis_run_status_check CHECK (
        status IN ('running', 'completed', 'failed', 'interrupted', 'abandoned')
    ),
    CONSTRAINT analysis_run_finished_at_check CHECK ((status = 'running') = (finished_at IS NULL)),
    CONSTRAINT analysis_run_result_check CHECK (status <> 'completed' OR result IS NOT NULL)
) STRICT;
CREATE INDEX analysis_run_patient_id_series_id_index ON analysis_run (patient_id, series_id);

-- One row per analysis run × singular value of the voxels × slices matrix.
CREATE TABLE singular_value (
    -- Patient.
    patient_id INTEGER NOT NULL,
    -- Run.
    analysis_run_id INTEGER NOT NULL,
    -- Rank of the value, 0-based, greatest first.
    value_index INTEGER NOT NULL,
    -- Singular value, in the unit of the matrix entries.
    singular_value REAL NOT NULL,
    CONSTRAINT singular_value_pkey PRIMARY KEY (patient_id, analysis_run_id, value_index),
    CONSTRAINT singular_value_analysis_run_fk FOREIGN KEY (patient_id, analysis_run_id)
        REFERENCES analysis_run (patient_id, analysis_run_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT singular_value_value_index_check CHECK (value_index >= 0),
    CONSTRAINT singular_value_singular_value_check CHECK (singular_value >= 0)
) STRICT, WITHOUT ROWID;

-- One row per analysis run × level: how much was dropped, what that did, and the series it made.
CREATE TABLE analysis_level (
    -- Patient.
    patient_id INTEGER NOT NULL,
    -- Run.
    analysis_run_id INTEGER NOT NULL,
    -- Order of the level, 0-based.
    level_index INTEGER NOT NULL,
    -- Fraction of the k values that was asked to be dropped; NULL where the rank was chosen automatically.
    dropped_fraction REAL,
    -- Singular values kept.
    kept_count INTEGER NOT NULL,
    -- Sum of the squares kept over the sum of squares of the whole matrix, 0 to 1.
    kept_energy REAL NOT NULL,
    -- Root mean square difference from the input, in the unit of the matrix entries.
    rmse REAL,
    -- Peak signal-to-noise ratio against the input, dB; NULL where nothing was changed.
    psnr_db REAL,
    -- Mean structural similarity with the input.
    ssim REAL,
    -- Estimated noise of the input, same unit.
    noise_before REAL,
    -- Estimated noise of the output, same unit.
    noise_after REAL,
    -- Derived series that holds the result; NULL where it was not stored.
    output_series_id INTEGER,
    CONSTRAINT analysis_level_pkey PRIMARY KEY (patient_id, analysis_run_id, level_index),
    CONSTRAINT analysis_level_analysis_run_fk FOREIGN KEY (patient_id, analysis_run_id)
        REFERENCES analysis_run (patient_id, analysis_run_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT analysis_level_output_series_fk FOREIGN KEY (patient_id, output_series_id)
        REFERENCES series (patient_id, series_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT analysis_level_level_index_check CHECK (level_index >= 0),
    CONSTRAINT analysis_level_kept_count_check CHECK (kept_count >= 0),
    CONSTRAINT analysis_level_dropped_fraction_check CHECK (dropped_fraction >= 0 AND dropped_fraction <= 1)
) STRICT, WITHOUT ROWID;
CREATE INDEX analysis_level_patient_id_output_series_id_index
    ON analysis_level (patient_id, output_series_id) WHERE output_series_id IS NOT NULL;
