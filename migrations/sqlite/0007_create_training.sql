-- Migration 0007: recipes, splits and frozen training sets
--
-- Tables, each with its grain in its comment:
--   recipe, split, split_fold, split_unit, split_assignment, training_set, training_sample,
--   training_sample_slice
--
-- A patient is in one fold by foreign key: training_sample → split_assignment (split, patient, fold) →
-- split_unit (split, unit, fold).

-- One row per recipe: how values become what a model sees, or how data was derived.
CREATE TABLE recipe (
    -- Content key of the recipe.
    recipe_id INTEGER PRIMARY KEY,
    -- sample: image and target of a training sample; render: an 8- or 16-bit picture; mask: marks from grey
    -- levels; derive: a new series.
    kind TEXT NOT NULL,
    -- Name for people, such as brain-40-120; not part of the identity.
    name TEXT,
    -- The recipe as canonical JSON (RFC 8785).
    canonical_json TEXT NOT NULL,
    -- SHA-256 of canonical_json.
    sha256 BLOB NOT NULL,
    -- When it was registered, UTC.
    created_at TEXT NOT NULL,
    CONSTRAINT recipe_sha256_key UNIQUE (sha256),
    CONSTRAINT recipe_recipe_id_check CHECK (recipe_id >= 0),
    CONSTRAINT recipe_kind_check CHECK (kind IN ('sample', 'render', 'mask', 'derive')),
    CONSTRAINT recipe_sha256_check CHECK (length(sha256) = 32),
    CONSTRAINT recipe_created_at_check CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    CONSTRAINT recipe_canonical_json_check CHECK (json_valid(canonical_json))
) STRICT;

-- One row per split: one assignment of patients to folds.
CREATE TABLE split (
    -- Content key of the name.
    split_id INTEGER PRIMARY KEY,
    -- Name given by the user.
    name TEXT NOT NULL,
    -- hash: a pure function of seed and unit key; balanced: ranked by keyed hash within a stratum, later units
    -- appended; official: folds of the dataset; first_rows: in order of a file, for comparison with older systems.
    method TEXT NOT NULL,
    -- Seed of the keyed hash.
    seed INTEGER NOT NULL,
    -- Domain whose value is the stratum; NULL where not stratified.
    stratify_domain_id INTEGER,
    -- Query that chose the patients; NULL for all.
    query TEXT,
    -- Resolved options, merged strata included.
    parameters TEXT NOT NULL,
    -- When it was created, UTC.
    created_at TEXT NOT NULL,
    CONSTRAINT split_name_key UNIQUE (name),
    CONSTRAINT split_stratify_domain_fk FOREIGN KEY (stratify_domain_id)
        REFERENCES label_domain (label_domain_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT split_split_id_check CHECK (split_id >= 0),
    CONSTRAINT split_method_check CHECK (method IN ('hash', 'balanced', 'official', 'first_rows')),
    CONSTRAINT split_parameters_check CHECK (json_valid(parameters)),
    CONSTRAINT split_created_at_check CHECK (created_at GLOB '????-??-??T??:??:??.??????Z')
) STRICT;

-- One row per split × fold.
CREATE TABLE split_fold (
    -- Split.
    split_id INTEGER NOT NULL,
    -- Name of the fold, such as train.
    fold TEXT NOT NULL,
    -- Order of the fold, 0-based.
    fold_index INTEGER NOT NULL,
    -- Share of the units it should get, 0 to 1; NULL where the folds are official.
    share REAL,
    CONSTRAINT split_fold_pkey PRIMARY KEY (split_id, fold),
    CONSTRAINT split_fold_split_id_fold_index_key UNIQUE (split_id, fold_index),
    CONSTRAINT split_fold_split_fk FOREIGN KEY (split_id)
        REFERENCES split (split_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT split_fold_share_check CHECK (share > 0 AND share <= 1)
) STRICT, WITHOUT ROWID;

-- One row per split × unit: a connected identity and its fold.
CREATE TABLE split_unit (
    -- Split.
    split_id INTEGER NOT NULL,
    -- Smallest patient id of the connected identity, as decimal text.
    unit_key TEXT NOT NULL,
    -- Fold.
    fold TEXT NOT NULL,
    -- Stratum it was drawn in; NULL where not stratified.
    stratum TEXT,
    CONSTRAINT split_unit_pkey PRIMARY KEY (split_id, unit_key),
    CONSTRAINT split_unit_split_id_unit_key_fold_key UNIQUE (split_id, unit_key, fold),
    CONSTRAINT split_unit_split_fold_fk FOREIGN KEY (split_id, fold)
        REFERENCES split_fold (split_id, fold) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;
CREATE INDEX split_unit_split_id_fold_index ON split_unit (split_id, fold);

-- One row per split × patient: its unit and therefore its one fold.
CREATE TABLE split_assignment (
    -- Patient.
    patient_id INTEGER NOT NULL,
    -- Split.
    split_id INTEGER NOT NULL,
    -- Unit the patient belongs to.
    unit_key TEXT NOT NULL,
    -- Fold of the unit; the foreign key keeps both equal.
    fold TEXT NOT NULL,
    CONSTRAINT split_assignment_pkey PRIMARY KEY (patient_id, split_id),
    CONSTRAINT split_assignment_split_id_patient_id_fold_key UNIQUE (split_id, patient_id, fold),
    CONSTRAINT split_assignment_patient_fk FOREIGN KEY (patient_id)
        REFERENCES patient (patient_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT split_assignment_split_unit_fk FOREIGN KEY (split_id, unit_key, fold)
        REFERENCES split_unit (split_id, unit_key, fold) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;
CREATE INDEX split_assignment_split_id_unit_key_index ON split_assignment (split_id, unit_key);

-- One row per frozen training set and version.
CREATE TABLE training_set (
    -- Content key of (name, version).
    training_set_id INTEGER PRIMARY KEY,
    -- Name given by the user.
    name TEXT NOT NULL,
    -- Version, 1-based; name@version names the set.
    version INTEGER NOT NULL,
    -- Split that gave the folds.
    split_id INTEGER NOT NULL,
    -- Recipe that makes samples and targets.
    recipe_id INTEGER NOT NULL,
    -- Query that chose the samples, exactly as run.
    query TEXT NOT NULL,
    -- Values of the parameters of the query.
    parameters TEXT NOT NULL,
    -- slice; context (a slice and its neighbours); crop (3-D, around a point); volume; image (colour).
    sample_kind TEXT NOT NULL,
    -- What a model learns from a sample.
    target_kind TEXT NOT NULL,
    -- Weight per class, as stored and used.
    class_weights TEXT,
    -- How often a sample is drawn, by class or stratum.
    sampling_plan TEXT,
    -- Number of samples.
    sample_count INTEGER NOT NULL,
    -- SHA-256 over query, parameters, recipe, folds, and the digests of all samples in order.
    digest BLOB NOT NULL,
    -- When it was frozen, UTC.
    created_at TEXT NOT NULL,
    -- When it stopped being whole, such as by the erasure of a patient, UTC.
    invalidated_at TEXT,
    -- Why, in one sentence without identifiers.
    invalidation_reason TEXT,
    CONSTRAINT training_set_name_version_key UNIQUE (name, version),
    CONSTRAINT training_set_training_set_id_split_id_key UNIQUE (training_set_id, split_id),
    CONSTRAINT training_set_split_fk FOREIGN KEY (split_id) REFERENCES split (split_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT training_set_recipe_fk FOREIGN KEY (recipe_id)
        REFERENCES recipe (recipe_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT training_set_training_set_id_check CHECK (training_set_id >= 0),
    CONSTRAINT training_set_parameters_check CHECK (json_valid(parameters)),
    CONSTRAINT training_set_sample_kind_check CHECK (sample_kind IN ('slice', 'context', 'crop', 'volume', 'image')),
    CONSTRAINT training_set_target_kind_check CHECK (target_kind IN ('none', 'mask', 'labels', 'grade', 'spheres')),
    CONSTRAINT training_set_class_weights_check CHECK (class_weights IS NULL OR json_valid(class_weights)),
    CONSTRAINT training_set_sampling_plan_check CHECK (sampling_plan IS NULL OR json_valid(sampling_plan)),
    CONSTRAINT training_set_digest_check CHECK (length(digest) = 32),
    CONSTRAINT training_set_created_at_check CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    CONSTRAINT training_set_invalidated_at_check CHECK (invalidated_at GLOB '????-??-??T??:??:??.??????Z'),
    CONSTRAINT training_set_version_check CHECK (version >= 1),
    CONSTRAINT training_set_sample_count_check CHECK (sample_count >= 0),
    CONSTRAINT training_set_invalidated_at_check CHECK ((invalidated_at IS NULL) = (invalidation_reason IS NULL))
) STRICT;

-- One row per training set × sample, numbered by content key.
CREATE TABLE training_sample (
    -- Training set.
    training_set_id INTEGER NOT NULL,
    -- 0-based number in order of the content key of the sample: the loader permutes these.
    sample_number INTEGER NOT NULL,
    -- Split of the training set.
    split_id INTEGER NOT NULL,
    -- Patient.
    patient_id INTEGER NOT NULL,
    -- Fold of the patient; the foreign key to split_assignment makes leakage impossible to store.
    fold TEXT NOT NULL,
    -- Series.
    series_id INTEGER NOT NULL,
    -- Slice, or the centre slice of a context; NULL for volumes and crops.
    slice_id INTEGER,
    -- Annotation a crop is centred on; NULL elsewhere.
    annotation_id INTEGER,
    -- Centre of a crop, voxel coordinate.
    centre_column REAL,
    -- Centre of a crop, voxel coordinate.
    centre_row REAL,
    -- Centre of a crop, voxel coordinate.
    centre_slice REAL,
    -- Digest of the slice, or SHA-256 over the digests of all slices of the sample in order.
    pixel_digest BLOB NOT NULL,
    -- Frozen target values; the annotations of a mask by id.
    target TEXT,
    -- SHA-256 over the target: values, mask runs, spheres; NULL without a target.
    target_digest BLOB,
    -- Weight of the sample in the loss.
    weight REAL NOT NULL DEFAULT 1,
    CONSTRAINT training_sample_pkey PRIMARY KEY (training_set_id, sample_number),
    CONSTRAINT training_sample_training_set_fk FOREIGN KEY (training_set_id, split_id)
        REFERENCES training_set (training_set_id, split_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT training_sample_split_assignment_fk FOREIGN KEY (split_id, patient_id, fold)
        REFERENCES split_assignment (split_id, patient_id, fold) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT training_sample_series_fk FOREIGN KEY (patient_id, series_id)
        REFERENCES series (patient_id, series_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT training_sample_slice_fk FOREIGN KEY (patient_id, slice_id)
        REFERENCES slice (patient_id, slice_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT training_sample_annotation_fk FOREIGN KEY (patient_id, annotation_id)
        REFERENCES annotation (patient_id, annotation_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT training_sample_pixel_digest_check CHECK (length(pixel_digest) = 32),
    CONSTRAINT training_sample_target_check CHECK (target IS NULL OR json_valid(target)),
    CONSTRAINT training_sample_target_digest_check CHECK (length(target_digest) = 32),
    CONSTRAINT training_sample_sample_number_check CHECK (sample_number >= 0),
    CONSTRAINT training_sample_weight_check CHECK (weight >= 0),
    CONSTRAINT training_sample_target_check CHECK ((target IS NULL) = (target_digest IS NULL))
) STRICT;
CREATE INDEX training_sample_training_set_id_fold_index ON training_sample (training_set_id, fold);
CREATE INDEX training_sample_patient_id_slice_id_index ON training_sample (patient_id, slice_id);
CREATE INDEX training_sample_split_id_patient_id_fold_index ON training_sample (split_id, patient_id, fold);

-- One row per sample × slice that goes into it, for samples of more than one slice.
CREATE TABLE training_sample_slice (
    -- Training set.
    training_set_id INTEGER NOT NULL,
    -- Sample.
    sample_number INTEGER NOT NULL,
    -- Position of the slice in the sample, 0-based.
    slice_ordinal INTEGER NOT NULL,
    -- Patient.
    patient_id INTEGER NOT NULL,
    -- Slice; the same slice may stand at several positions where a context is clamped.
    slice_id INTEGER NOT NULL,
    -- Digest of the slice when the set was frozen.
    pixel_digest BLOB NOT NULL,
    CONSTRAINT training_sample_slice_pkey PRIMARY KEY (training_set_id, sample_number, slice_ordinal),
    CONSTRAINT training_sample_slice_training_sample_fk FOREIGN KEY (training_set_id, sample_number)
        REFERENCES training_sample (training_set_id, sample_number) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT training_sample_slice_slice_fk FOREIGN KEY (patient_id, slice_id)
        REFERENCES slice (patient_id, slice_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT training_sample_slice_pixel_digest_check CHECK (length(pixel_digest) = 32),
    CONSTRAINT training_sample_slice_slice_ordinal_check CHECK (slice_ordinal >= 0)
) STRICT, WITHOUT ROWID;
CREATE INDEX training_sample_slice_patient_id_slice_id_index ON training_sample_slice (patient_id, slice_id);
