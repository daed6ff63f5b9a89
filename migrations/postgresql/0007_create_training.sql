-- Migration 0007: recipes, splits and frozen training sets
--
-- Tables, each with its grain in its comment:
--   recipe, split, split_fold, split_unit, split_assignment, training_set, training_sample,
--   training_sample_slice
--
-- A patient is in one fold by foreign key: training_sample → split_assignment (split, patient, fold) →
-- split_unit (split, unit, fold).

CREATE TABLE recipe (
    recipe_id bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    name text COLLATE "C",
    canonical_json text COLLATE "C" NOT NULL,
    sha256 bytea NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT recipe_pkey PRIMARY KEY (recipe_id),
    CONSTRAINT recipe_sha256_key UNIQUE (sha256),
    CONSTRAINT recipe_recipe_id_check CHECK (recipe_id >= 0),
    CONSTRAINT recipe_kind_check CHECK (kind IN ('sample', 'render', 'mask', 'derive')),
    CONSTRAINT recipe_sha256_check CHECK (octet_length(sha256) = 32),
    CONSTRAINT recipe_canonical_json_check CHECK (canonical_json::jsonb IS NOT NULL)
);

COMMENT ON TABLE recipe IS 'One row per recipe: how values become what a model sees, or how data was derived.';
COMMENT ON COLUMN recipe.recipe_id IS 'Content key of the recipe.';
COMMENT ON COLUMN recipe.kind IS
    'sample: image and target of a training sample; render: an 8- or 16-bit picture; mask: marks from '
    'grey levels; derive: a new series.';
COMMENT ON COLUMN recipe.name IS 'Name for people, such as brain-40-120; not part of the identity.';
COMMENT ON COLUMN recipe.canonical_json IS 'The recipe as canonical JSON (RFC 8785).';
COMMENT ON COLUMN recipe.sha256 IS 'SHA-256 of canonical_json.';
COMMENT ON COLUMN recipe.created_at IS 'When it was registered, UTC.';

CREATE TABLE split (
    split_id bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    method text COLLATE "C" NOT NULL,
    seed bigint NOT NULL,
    stratify_domain_id bigint,
    query text COLLATE "C",
    parameters jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT split_pkey PRIMARY KEY (split_id),
    CONSTRAINT split_name_key UNIQUE (name),
    CONSTRAINT split_stratify_domain_fk FOREIGN KEY (stratify_domain_id)
        REFERENCES label_domain (label_domain_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT split_split_id_check CHECK (split_id >= 0),
    CONSTRAINT split_method_check CHECK (method IN ('hash', 'balanced', 'official', 'first_rows'))
);

COMMENT ON TABLE split IS 'One row per split: one assignment of patients to folds.';
COMMENT ON COLUMN split.split_id IS 'Content key of the name.';
COMMENT ON COLUMN split.name IS 'Name given by the user.';
COMMENT ON COLUMN split.method IS
    'hash: a pure function of seed and unit key; balanced: ranked by keyed hash within a stratum, later '
    'units appended; official: folds of the dataset; first_rows: in order of a file, for comparison with '
    'older systems.';
COMMENT ON COLUMN split.seed IS 'Seed of the keyed hash.';
COMMENT ON COLUMN split.stratify_domain_id IS 'Domain whose value is the stratum; NULL where not stratified.';
COMMENT ON COLUMN split.query IS 'Query that chose the patients; NULL for all.';
COMMENT ON COLUMN split.parameters IS 'Resolved options, merged strata included.';
COMMENT ON COLUMN split.created_at IS 'When it was created, UTC.';

CREATE TABLE split_fold (
    split_id bigint NOT NULL,
    fold text COLLATE "C" NOT NULL,
    fold_index integer NOT NULL,
    share double precision,
    CONSTRAINT split_fold_pkey PRIMARY KEY (split_id, fold),
    CONSTRAINT split_fold_split_id_fold_index_key UNIQUE (split_id, fold_index),
    CONSTRAINT split_fold_split_fk FOREIGN KEY (split_id)
        REFERENCES split (split_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT split_fold_share_check CHECK (share > 0 AND share <= 1)
);

COMMENT ON TABLE split_fold IS 'One row per split × fold.';
COMMENT ON COLUMN split_fold.split_id IS 'Split.';
COMMENT ON COLUMN split_fold.fold IS 'Name of the fold, such as train.';
COMMENT ON COLUMN split_fold.fold_index IS 'Order of the fold, 0-based.';
COMMENT ON COLUMN split_fold.share IS 'Share of the units it should get, 0 to 1; NULL where the folds are official.';

CREATE TABLE split_unit (
    split_id bigint NOT NULL,
    unit_key text COLLATE "C" NOT NULL,
    fold text COLLATE "C" NOT NULL,
    stratum text COLLATE "C",
    CONSTRAINT split_unit_pkey PRIMARY KEY (split_id, unit_key),
    CONSTRAINT split_unit_split_id_unit_key_fold_key UNIQUE (split_id, unit_key, fold),
    CONSTRAINT split_unit_split_fold_fk FOREIGN KEY (split_id, fold)
        REFERENCES split_fold (split_id, fold) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX split_unit_split_id_fold_index ON split_unit (split_id, fold);

COMMENT ON TABLE split_unit IS 'One row per split × unit: a connected identity and its fold.';
COMMENT ON COLUMN split_unit.split_id IS 'Split.';
COMMENT ON COLUMN split_unit.unit_key IS 'Smallest patient id of the connected identity, as decimal text.';
COMMENT ON COLUMN split_unit.fold IS 'Fold.';
COMMENT ON COLUMN split_unit.stratum IS 'Stratum it was drawn in; NULL where not stratified.';

CREATE TABLE split_assignment (
    patient_id bigint NOT NULL,
    split_id bigint NOT NULL,
    unit_key text COLLATE "C" NOT NULL,
    fold text COLLATE "C" NOT NULL,
    CONSTRAINT split_assignment_pkey PRIMARY KEY (patient_id, split_id),
    CONSTRAINT split_assignment_split_id_patient_id_fold_key UNIQUE (split_id, patient_id, fold),
    CONSTRAINT split_assignment_patient_fk FOREIGN KEY (patient_id)
        REFERENCES patient (patient_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT split_assignment_split_unit_fk FOREIGN KEY (split_id, unit_key, fold)
        REFERENCES split_unit (split_id, unit_key, fold) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX split_assignment_split_id_unit_key_index ON split_assignment (split_id, unit_key);

COMMENT ON TABLE split_assignment IS 'One row per split × patient: its unit and therefore its one fold.';
COMMENT ON COLUMN split_assignment.patient_id IS 'Patient.';
COMMENT ON COLUMN split_assignment.split_id IS 'Split.';
COMMENT ON COLUMN split_assignment.unit_key IS 'Unit the patient belongs to.';
COMMENT ON COLUMN split_assignment.fold IS 'Fold of the unit; the foreign key keeps both equal.';

CREATE TABLE training_set (
    training_set_id bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    split_id bigint NOT NULL,
    recipe_id bigint NOT NULL,
    query text COLLATE "C" NOT NULL,
    parameters jsonb NOT NULL,
    sample_kind text COLLATE "C" NOT NULL,
    target_kind text COLLATE "C" NOT NULL,
    class_weights jsonb,
    sampling_plan jsonb,
    sample_count bigint NOT NULL,
    digest bytea NOT NULL,
    created_at timestamptz NOT NULL,
    invalidated_at timestamptz,
    invalidation_reason text COLLATE "C",
    CONSTRAINT training_set_pkey PRIMARY KEY (training_set_id),
    CONSTRAINT training_set_name_version_key UNIQUE (name, version),
    CONSTRAINT training_set_training_set_id_split_id_key UNIQUE (training_set_id, split_id),
    CONSTRAINT training_set_split_fk FOREIGN KEY (split_id) REFERENCES split (split_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT training_set_recipe_fk FOREIGN KEY (recipe_id)
        REFERENCES recipe (recipe_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT training_set_training_set_id_check CHECK (training_set_id >= 0),
    CONSTRAINT training_set_sample_kind_check CHECK (sample_kind IN ('slice', 'context', 'crop', 'volume', 'image')),
    CONSTRAINT training_set_target_kind_check CHECK (target_kind IN ('none', 'mask', 'labels', 'grade', 'spheres')),
    CONSTRAINT training_set_digest_check CHECK (octet_length(digest) = 32),
    CONSTRAINT training_set_version_check CHECK (version >= 1),
    CONSTRAINT training_set_sample_count_check CHECK (sample_count >= 0),
    CONSTRAINT training_set_invalidated_at_check CHECK ((invalidated_at IS NULL) = (invalidation_reason IS NULL))
);

COMMENT ON TABLE training_set IS 'One row per frozen training set and version.';
COMMENT ON COLUMN training_set.training_set_id IS 'Content key of (name, version).';
COMMENT ON COLUMN training_set.name IS 'Name given by the user.';
COMMENT ON COLUMN training_set.version IS 'Version, 1-based; name@version names the set.';
COMMENT ON COLUMN training_set.split_id IS 'Split that gave the folds.';
COMMENT ON COLUMN training_set.recipe_id IS 'Recipe that makes samples and targets.';
COMMENT ON COLUMN training_set.query IS 'Query that chose the samples, exactly as run.';
COMMENT ON COLUMN training_set.parameters IS 'Values of the parameters of the query.';
COMMENT ON COLUMN training_set.sample_kind IS
    'slice; context (a slice and its neighbours); crop (3-D, around a point); volume; image (colour).';
COMMENT ON COLUMN training_set.target_kind IS 'What a model learns from a sample.';
COMMENT ON COLUMN training_set.class_weights IS 'Weight per class, as stored and used.';
COMMENT ON COLUMN training_set.sampling_plan IS 'How often a sample is drawn, by class or stratum.';
COMMENT ON COLUMN training_set.sample_count IS 'Number of samples.';
COMMENT ON COLUMN training_set.digest IS
    'SHA-256 over query, parameters, recipe, folds, and the digests of all samples in order.';
COMMENT ON COLUMN training_set.created_at IS 'When it was frozen, UTC.';
COMMENT ON COLUMN training_set.invalidated_at IS
    'When it stopped being whole, such as by the erasure of a patient, UTC.';
COMMENT ON COLUMN training_set.invalidation_reason IS 'Why, in one sentence without identifiers.';

CREATE TABLE training_sample (
    training_set_id bigint NOT NULL,
    sample_number bigint NOT NULL,
    split_id bigint NOT NULL,
    patient_id bigint NOT NULL,
    fold text COLLATE "C" NOT NULL,
    series_id bigint NOT NULL,
    slice_id bigint,
    annotation_id bigint,
    centre_column double precision,
    centre_row double precision,
    centre_slice double precision,
    pixel_digest bytea NOT NULL,
    target jsonb,
    target_digest bytea,
    weight double precision NOT NULL DEFAULT 1,
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
    CONSTRAINT training_sample_pixel_digest_check CHECK (octet_length(pixel_digest) = 32),
    CONSTRAINT training_sample_target_digest_check CHECK (octet_length(target_digest) = 32),
    CONSTRAINT training_sample_sample_number_check CHECK (sample_number >= 0),
    CONSTRAINT training_sample_weight_check CHECK (weight >= 0),
    CONSTRAINT training_sample_target_check CHECK ((target IS NULL) = (target_digest IS NULL))
);
CREATE INDEX training_sample_training_set_id_fold_index ON training_sample (training_set_id, fold);
CREATE INDEX training_sample_patient_id_slice_id_index ON training_sample (patient_id, slice_id);
CREATE INDEX training_sample_split_id_patient_id_fold_index ON training_sample (split_id, patient_id, fold);

COMMENT ON TABLE training_sample IS 'One row per training set × sample, numbered by content key.';
COMMENT ON COLUMN training_sample.training_set_id IS 'Training set.';
COMMENT ON COLUMN training_sample.sample_number IS
    '0-based number in order of the content key of the sample: the loader permutes these.';
COMMENT ON COLUMN training_sample.split_id IS 'Split of the training set.';
COMMENT ON COLUMN training_sample.patient_id IS 'Patient.';
COMMENT ON COLUMN training_sample.fold IS
    'Fold of the patient; the foreign key to split_assignment makes leakage impossible to store.';
COMMENT ON COLUMN training_sample.series_id IS 'Series.';
COMMENT ON COLUMN training_sample.slice_id IS 'Slice, or the centre slice of a context; NULL for volumes and crops.';
COMMENT ON COLUMN training_sample.annotation_id IS 'Annotation a crop is centred on; NULL elsewhere.';
COMMENT ON COLUMN training_sample.centre_column IS 'Centre of a crop, voxel coordinate.';
COMMENT ON COLUMN training_sample.centre_row IS 'Centre of a crop, voxel coordinate.';
COMMENT ON COLUMN training_sample.centre_slice IS 'Centre of a crop, voxel coordinate.';
COMMENT ON COLUMN training_sample.pixel_digest IS
    'Digest of the slice, or SHA-256 over the digests of all slices of the sample in order.';
COMMENT ON COLUMN training_sample.target IS 'Frozen target values; the annotations of a mask by id.';
COMMENT ON COLUMN training_sample.target_digest IS
    'SHA-256 over the target: values, mask runs, spheres; NULL without a target.';
COMMENT ON COLUMN training_sample.weight IS 'Weight of the sample in the loss.';

CREATE TABLE training_sample_slice (
    training_set_id bigint NOT NULL,
    sample_number bigint NOT NULL,
    slice_ordinal integer NOT NULL,
    patient_id bigint NOT NULL,
    slice_id bigint NOT NULL,
    pixel_digest bytea NOT NULL,
    CONSTRAINT training_sample_slice_pkey PRIMARY KEY (training_set_id, sample_number, slice_ordinal),
    CONSTRAINT training_sample_slice_training_sample_fk FOREIGN KEY (training_set_id, sample_number)
        REFERENCES training_sample (training_set_id, sample_number) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT training_sample_slice_slice_fk FOREIGN KEY (patient_id, slice_id)
        REFERENCES slice (patient_id, slice_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT training_sample_slice_pixel_digest_check CHECK (octet_length(pixel_digest) = 32),
    CONSTRAINT training_sample_slice_slice_ordinal_check CHECK (slice_ordinal >= 0)
);
CREATE INDEX training_sample_slice_patient_id_slice_id_index ON training_sample_slice (patient_id, slice_id);

COMMENT ON TABLE training_sample_slice IS
    'One row per sample × slice that goes into it, for samples of more than one slice.';
COMMENT ON COLUMN training_sample_slice.training_set_id IS 'Training set.';
COMMENT ON COLUMN training_sample_slice.sample_number IS 'Sample.';
COMMENT ON COLUMN training_sample_slice.slice_ordinal IS 'Position of the slice in the sample, 0-based.';
COMMENT ON COLUMN training_sample_slice.patient_id IS 'Patient.';
COMMENT ON COLUMN training_sample_slice.slice_id IS
    'Slice; the same slice may stand at several positions where a context is clamped.';
COMMENT ON COLUMN training_sample_slice.pixel_digest IS 'Digest of the slice when the set was frozen.';
