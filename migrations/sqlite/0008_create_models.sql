-- Migration 0008: models, what they said, and how well
--
-- Tables, each with its grain in its comment:
--   model, model_version, model_run, prediction, predicted_mask, finding, finding_score, evaluation,
--   evaluation_point

-- One row per model: a name under which versions are kept.
CREATE TABLE model (
    -- Content key of the name.
    model_id INTEGER PRIMARY KEY,
    -- Name given by the user.
    name TEXT NOT NULL,
    -- What it does.
    task TEXT NOT NULL,
    -- What it is for, for people.
    description TEXT NOT NULL DEFAULT '',
    -- When it was registered, UTC.
    created_at TEXT NOT NULL,
    CONSTRAINT model_name_key UNIQUE (name),
    CONSTRAINT model_model_id_check CHECK (model_id >= 0),
    CONSTRAINT model_task_check CHECK (
        task IN ('classification', 'segmentation', 'detection', 'regression', 'denoising')
    ),
    CONSTRAINT model_created_at_check CHECK (created_at GLOB '????-??-??T??:??:??.??????Z')
) STRICT;

-- One row per model × version: one artifact, what made it, and from what.
CREATE TABLE model_version (
    -- Content key of (model, version).
    model_version_id INTEGER PRIMARY KEY,
    -- Model.
    model_id INTEGER NOT NULL,
    -- Version, 1-based.
    version INTEGER NOT NULL,
    -- Format of the artifact, such as pytorch-state-dict, onnx or rule.
    framework TEXT NOT NULL,
    -- The artifact itself; NULL where it lies elsewhere.
    artifact BLOB,
    -- Where the artifact lies; NULL where it is stored here.
    artifact_uri TEXT,
    -- SHA-256 of the artifact, checked on use.
    artifact_sha256 BLOB NOT NULL,
    -- Size of the artifact in bytes.
    artifact_size_bytes INTEGER NOT NULL,
    -- Everything that was chosen for training.
    hyper_parameters TEXT NOT NULL,
    -- Training set it learnt from; NULL for rules and foreign models.
    training_set_id INTEGER,
    -- Recipe its input must pass.
    recipe_id INTEGER,
    -- Version it was fine-tuned from.
    parent_model_version_id INTEGER,
    -- When it was registered, UTC.
    created_at TEXT NOT NULL,
    CONSTRAINT model_version_model_id_version_key UNIQUE (model_id, version),
    CONSTRAINT model_version_model_fk FOREIGN KEY (model_id) REFERENCES model (model_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT model_version_training_set_fk FOREIGN KEY (training_set_id)
        REFERENCES training_set (training_set_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT model_version_recipe_fk FOREIGN KEY (recipe_id)
        REFERENCES recipe (recipe_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT model_version_parent_fk FOREIGN KEY (parent_model_version_id)
        REFERENCES model_version (model_version_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT model_version_model_version_id_check CHECK (model_version_id >= 0),
    CONSTRAINT model_version_artifact_sha256_check CHECK (length(artifact_sha256) = 32),
    CONSTRAINT model_version_hyper_parameters_check CHECK (json_valid(hyper_parameters)),
    CONSTRAINT model_version_created_at_check CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    CONSTRAINT model_version_version_check CHECK (version >= 1),
    CONSTRAINT model_version_artifact_check CHECK ((artifact IS NULL) <> (artifact_uri IS NULL)),
    CONSTRAINT model_version_artifact_size_bytes_check CHECK (artifact_size_bytes >= 0)
) STRICT;

-- One row per run of a model version: training, prediction or evaluation.
CREATE TABLE model_run (
    -- Number of the run; differs between warehouses.
    model_run_id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Model version.
    model_version_id INTEGER NOT NULL,
    -- What was done.
    kind TEXT NOT NULL,
    -- Recipe that made its input.
    recipe_id INTEGER,
    -- Training set it ran over; NULL where it ran over a query.
    training_set_id INTEGER,
    -- Query that chose its input; NULL where it ran over a training set.
    query TEXT,
    -- Resolved options of the run, seed included.
    parameters TEXT NOT NULL,
    -- Version of the program that read the input and wrote the output.
    slicehouse_version TEXT NOT NULL,
    -- Version of the user code, such as a commit.
    code_version TEXT,
    -- Start, UTC.
    started_at TEXT NOT NULL,
    -- End, UTC; NULL while it is running.
    finished_at TEXT,
    -- State, as in ingest_run.
    status TEXT NOT NULL,
    CONSTRAINT model_run_model_version_fk FOREIGN KEY (model_version_id)
        REFERENCES model_version (model_version_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT model_run_recipe_fk FOREIGN KEY (recipe_id) REFERENCES recipe (recipe_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT model_run_training_set_fk FOREIGN KEY (training_set_id)
        REFERENCES training_set (training_set_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT model_run_kind_check CHECK (kind IN ('training', 'prediction', 'evaluation')),
    CONSTRAINT model_run_parameters_check CHECK (json_valid(parameters)),
    CONSTRAINT model_run_started_at_check CHECK (started_at GLOB '????-??-??T??:??:??.??????Z'),
    CONSTRAINT model_run_finished_at_check CHECK (finished_at GLOB '????-??-??T??:??:??.??????Z'),
    CONSTRAINT model_run_status_check CHECK (status IN ('running', 'completed', 'failed', 'interrupted', 'abandoned')),
    CONSTRAINT model_run_finished_at_check CHECK ((status = 'running') = (finished_at IS NULL))
) STRICT;
CREATE INDEX model_run_model_version_id_index ON model_run (model_version_id);

-- One row per model run × subject × term: a score.
CREATE TABLE prediction (
    -- Patient.
    patient_id INTEGER NOT NULL,
    -- Content key of (model version, input digest, subject, domain, term).
    prediction_id INTEGER PRIMARY KEY,
    -- Run.
    model_run_id INTEGER NOT NULL,
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
    -- Question it answers.
    label_domain_id INTEGER NOT NULL,
    -- Answer that is scored; NULL in a domain of numbers.
    label_term_id INTEGER,
    -- Score as the model gave it: a probability, a logit (see parameters), or the number itself.
    score REAL NOT NULL,
    CONSTRAINT prediction_patient_id_prediction_id_key UNIQUE (patient_id, prediction_id),
    CONSTRAINT prediction_model_run_fk FOREIGN KEY (model_run_id)
        REFERENCES model_run (model_run_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT prediction_patient_fk FOREIGN KEY (patient_id)
        REFERENCES patient (patient_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT prediction_study_fk FOREIGN KEY (patient_id, study_id)
        REFERENCES study (patient_id, study_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT prediction_series_fk FOREIGN KEY (patient_id, series_id)
        REFERENCES series (patient_id, series_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT prediction_slice_fk FOREIGN KEY (patient_id, slice_id)
        REFERENCES slice (patient_id, slice_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT prediction_annotation_fk FOREIGN KEY (patient_id, annotation_id)
        REFERENCES annotation (patient_id, annotation_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT prediction_label_domain_fk FOREIGN KEY (label_domain_id)
        REFERENCES label_domain (label_domain_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT prediction_label_term_fk FOREIGN KEY (label_domain_id, label_term_id)
        REFERENCES label_term (label_domain_id, label_term_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT prediction_prediction_id_check CHECK (prediction_id >= 0),
    CONSTRAINT prediction_level_check CHECK (level IN ('patient', 'study', 'series', 'slice', 'annotation')),
    CONSTRAINT prediction_subject_check CHECK (
        (level = 'study') = (study_id IS NOT NULL)
        AND (level = 'series') = (series_id IS NOT NULL)
        AND (level = 'slice') = (slice_id IS NOT NULL)
        AND (level = 'annotation') = (annotation_id IS NOT NULL)
    )
) STRICT;
CREATE UNIQUE INDEX prediction_natural_key
    ON prediction (patient_id, model_run_id, subject_id, label_domain_id, COALESCE(label_term_id, -1));
CREATE INDEX prediction_model_run_id_index ON prediction (model_run_id);

-- One row per model run × slice × class that the model marks somewhere.
CREATE TABLE predicted_mask (
    -- Patient.
    patient_id INTEGER NOT NULL,
    -- Run.
    model_run_id INTEGER NOT NULL,
    -- Slice.
    slice_id INTEGER NOT NULL,
    -- Output channel of the model, 0-based.
    class_index INTEGER NOT NULL,
    -- What the class means as a term of a domain.
    label_term_id INTEGER,
    -- Probability from which a pixel is marked.
    probability_threshold REAL NOT NULL,
    -- Marked pixels, encoded as in annotation_mask.
    rle BLOB NOT NULL,
    -- Marked pixels, at least 1.
    voxel_count INTEGER NOT NULL,
    -- First row of the marked pixels, 0-based, inclusive.
    first_row INTEGER NOT NULL,
    -- Last row of the marked pixels, 0-based, inclusive.
    last_row INTEGER NOT NULL,
    -- First column of the marked pixels, 0-based, inclusive.
    first_column INTEGER NOT NULL,
    -- Last column of the marked pixels, 0-based, inclusive.
    last_column INTEGER NOT NULL,
    CONSTRAINT predicted_mask_pkey PRIMARY KEY (patient_id, model_run_id, slice_id, class_index),
    CONSTRAINT predicted_mask_model_run_fk FOREIGN KEY (model_run_id)
        REFERENCES model_run (model_run_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT predicted_mask_slice_fk FOREIGN KEY (patient_id, slice_id)
        REFERENCES slice (patient_id, slice_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT predicted_mask_label_term_fk FOREIGN KEY (label_term_id)
        REFERENCES label_term (label_term_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT predicted_mask_class_index_check CHECK (class_index >= 0),
    CONSTRAINT predicted_mask_box_check CHECK (
        first_row >= 0 AND first_row <= last_row AND first_column >= 0 AND first_column <= last_column
    ),
    CONSTRAINT predicted_mask_voxel_count_check CHECK (
        voxel_count BETWEEN 1 AND (last_row - first_row + 1) * (last_column - first_column + 1)
    )
) STRICT;
CREATE INDEX predicted_mask_patient_id_slice_id_index ON predicted_mask (patient_id, slice_id);
CREATE INDEX predicted_mask_model_run_id_index ON predicted_mask (model_run_id);

-- One row per model run × three-dimensional candidate: a connected component or a detection.
CREATE TABLE finding (
    -- Patient.
    patient_id INTEGER NOT NULL,
    -- Content key of (model version, input digest, series, finding_number).
    finding_id INTEGER PRIMARY KEY,
    -- Run.
    model_run_id INTEGER NOT NULL,
    -- Series.
    series_id INTEGER NOT NULL,
    -- Number within run and series, 1-based.
    finding_number INTEGER NOT NULL,
    -- Centre, x, mm, DICOM LPS; NULL where the series is not a volume.
    centre_x_mm REAL,
    -- Centre, y, mm, DICOM LPS.
    centre_y_mm REAL,
    -- Centre, z, mm, DICOM LPS.
    centre_z_mm REAL,
    -- Centre, voxel coordinate.
    centre_column REAL NOT NULL,
    -- Centre, voxel coordinate.
    centre_row REAL NOT NULL,
    -- Centre, voxel coordinate.
    centre_slice REAL NOT NULL,
    -- Voxels of the component; NULL for a bare detection.
    voxel_count INTEGER,
    -- Volume, mm³.
    volume_mm3 REAL,
    -- Diameter of the sphere of equal volume, or as the model gave it, mm.
    diameter_mm REAL,
    -- First row of the component, 0-based, inclusive.
    first_row INTEGER,
    -- Last row of the component, 0-based, inclusive.
    last_row INTEGER,
    -- First column of the component, 0-based, inclusive.
    first_column INTEGER,
    -- Last column of the component, 0-based, inclusive.
    last_column INTEGER,
    -- First slice index of the component, inclusive.
    first_slice INTEGER,
    -- Last slice index of the component, inclusive.
    last_slice INTEGER,
    -- Mean probability over the component.
    mean_probability REAL,
    -- Greatest probability in the component.
    maximum_probability REAL,
    CONSTRAINT finding_patient_id_finding_id_key UNIQUE (patient_id, finding_id),
    CONSTRAINT finding_patient_id_model_run_id_series_id_finding_number_key
        UNIQUE (patient_id, model_run_id, series_id, finding_number),
    CONSTRAINT finding_model_run_fk FOREIGN KEY (model_run_id)
        REFERENCES model_run (model_run_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT finding_series_fk FOREIGN KEY (patient_id, series_id)
        REFERENCES series (patient_id, series_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT finding_finding_id_check CHECK (finding_id >= 0),
    CONSTRAINT finding_finding_number_check CHECK (finding_number >= 1),
    CONSTRAINT finding_size_check CHECK (
        (voxel_count IS NULL OR voxel_count > 0)
        AND (volume_mm3 IS NULL OR volume_mm3 >= 0)
        AND (diameter_mm IS NULL OR diameter_mm >= 0)
    )
) STRICT;
CREATE INDEX finding_model_run_id_index ON finding (model_run_id);
CREATE INDEX finding_patient_id_series_id_index ON finding (patient_id, series_id);

-- One row per finding × term: how likely the candidate is that.
CREATE TABLE finding_score (
    -- Patient.
    patient_id INTEGER NOT NULL,
    -- Finding.
    finding_id INTEGER NOT NULL,
    -- Term that is scored, such as nodule or malignant.
    label_term_id INTEGER NOT NULL,
    -- Score as the model gave it.
    score REAL NOT NULL,
    CONSTRAINT finding_score_pkey PRIMARY KEY (patient_id, finding_id, label_term_id),
    CONSTRAINT finding_score_finding_fk FOREIGN KEY (patient_id, finding_id)
        REFERENCES finding (patient_id, finding_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT finding_score_label_term_fk FOREIGN KEY (label_term_id)
        REFERENCES label_term (label_term_id) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- One row per model run × metric × truth × fold × subgroup: a value beside a trivial baseline.
CREATE TABLE evaluation (
    -- Content key of (model version, input digest, metric, truth, fold, subgroup, parameters).
    evaluation_id INTEGER PRIMARY KEY,
    -- Run whose output is judged.
    model_run_id INTEGER NOT NULL,
    -- Metric, such as dice, roc_auc or quadratic_weighted_kappa.
    metric TEXT NOT NULL,
    -- What one case of the metric is.
    level TEXT NOT NULL,
    -- Domain of the truth; NULL where the truth is annotations.
    label_domain_id INTEGER,
    -- Source of the truth; NULL for all active ones.
    label_source_id INTEGER,
    -- Rule that made the truth, such as consensus>=3 or dlwpt.
    truth TEXT NOT NULL DEFAULT '',
    -- Fold that was judged; empty for all.
    fold TEXT NOT NULL DEFAULT '',
    -- Subgroup of the cases, such as manufacturer=GE; empty for all.
    subgroup TEXT NOT NULL DEFAULT '',
    -- Thresholds, matching rule, bootstrap seed.
    parameters TEXT NOT NULL,
    -- Value; NULL where it is undefined (no positive, no negative).
    value REAL,
    -- Lower end of the 95% interval.
    lower_bound REAL,
    -- Upper end of the 95% interval.
    upper_bound REAL,
    -- Trivial baseline beside it, such as majority or diameter; NULL where none is defined.
    baseline TEXT,
    -- Value of the baseline on the same cases.
    baseline_value REAL,
    -- Cases judged.
    case_count INTEGER NOT NULL,
    -- Cases that are positive by the truth; NULL where the metric has no classes.
    positive_count INTEGER,
    -- SHA-256 over the truth that was used.
    truth_digest BLOB NOT NULL,
    -- When it was computed, UTC.
    created_at TEXT NOT NULL,
    CONSTRAINT evaluation_model_run_fk FOREIGN KEY (model_run_id)
        REFERENCES model_run (model_run_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT evaluation_label_domain_fk FOREIGN KEY (label_domain_id)
        REFERENCES label_domain (label_domain_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT evaluation_label_source_fk FOREIGN KEY (label_source_id)
        REFERENCES label_source (label_source_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT evaluation_evaluation_id_check CHECK (evaluation_id >= 0),
    CONSTRAINT evaluation_level_check CHECK (level IN ('patient', 'study', 'series', 'slice', 'annotation')),
    CONSTRAINT evaluation_parameters_check CHECK (json_valid(parameters)),
    CONSTRAINT evaluation_truth_digest_check CHECK (length(truth_digest) = 32),
    CONSTRAINT evaluation_created_at_check CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    CONSTRAINT evaluation_case_count_check CHECK (case_count >= 0)
) STRICT;
CREATE INDEX evaluation_model_run_id_index ON evaluation (model_run_id);

-- One row per evaluation × curve × threshold: a point of a ROC, precision-recall or FROC curve, or a confusion
-- cell.
CREATE TABLE evaluation_point (
    -- Evaluation.
    evaluation_id INTEGER NOT NULL,
    -- roc: x false-positive rate, y true-positive rate; precision_recall: x recall, y precision; froc: x false
    -- positives a series, y sensitivity; confusion: x truth, y prediction (class index), count.
    curve TEXT NOT NULL,
    -- Order along the curve, 0-based.
    point_index INTEGER NOT NULL,
    -- Score threshold of the point; NULL at the ends of a curve and in a confusion matrix.
    threshold REAL,
    -- Abscissa; see curve.
    x REAL NOT NULL,
    -- Ordinate; see curve.
    y REAL NOT NULL,
    -- Cases of a confusion cell; NULL on curves.
    case_count INTEGER,
    CONSTRAINT evaluation_point_pkey PRIMARY KEY (evaluation_id, curve, point_index),
    CONSTRAINT evaluation_point_evaluation_fk FOREIGN KEY (evaluation_id)
        REFERENCES evaluation (evaluation_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT evaluation_point_curve_check CHECK (curve IN ('roc', 'precision_recall', 'froc', 'confusion')),
    CONSTRAINT evaluation_point_point_index_check CHECK (point_index >= 0)
) STRICT, WITHOUT ROWID;
