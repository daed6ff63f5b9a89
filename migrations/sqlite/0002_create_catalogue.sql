-- Migration 0002: patients, studies, series, slices and their pixels
--
-- Tables, each with its grain in its comment:
--   patient, patient_alias, study, series, slice, slice_source, series_source, slice_pixels, quality_finding
--
-- Every table below patient carries patient_id, and its foreign keys do too, so that a row can never hang under
-- another patient's series.

-- One row per dataset × patient key.
CREATE TABLE patient (
    -- Content key of (dataset, patient_key); ranges of it are partitions and shards.
    patient_id INTEGER PRIMARY KEY,
    -- Dataset the patient belongs to.
    dataset_id INTEGER NOT NULL,
    -- Key of the patient: that of the collection (research) or a keyed pseudonym (clinical).
    patient_key TEXT NOT NULL,
    CONSTRAINT patient_dataset_id_patient_key_key UNIQUE (dataset_id, patient_key),
    CONSTRAINT patient_dataset_fk FOREIGN KEY (dataset_id)
        REFERENCES dataset (dataset_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT patient_patient_id_check CHECK (patient_id >= 0)
) STRICT;

-- One row per pair of patients known to be one person.
CREATE TABLE patient_alias (
    -- The patient with the smaller id.
    patient_id INTEGER NOT NULL,
    -- The patient with the greater id.
    alias_patient_id INTEGER NOT NULL,
    -- Who says so: the adapter knows, a person declared it, or their pixels are identical.
    reason TEXT NOT NULL,
    -- What the claim rests on, in one sentence without identifiers.
    evidence TEXT NOT NULL,
    -- When the pair was joined, UTC.
    created_at TEXT NOT NULL,
    CONSTRAINT patient_alias_pkey PRIMARY KEY (patient_id, alias_patient_id),
    CONSTRAINT patient_alias_patient_fk FOREIGN KEY (patient_id)
        REFERENCES patient (patient_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT patient_alias_alias_patient_fk FOREIGN KEY (alias_patient_id)
        REFERENCES patient (patient_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT patient_alias_reason_check CHECK (reason IN ('adapter', 'declared', 'identical_pixels')),
    CONSTRAINT patient_alias_created_at_check CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    CONSTRAINT patient_alias_order_check CHECK (patient_id < alias_patient_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX patient_alias_alias_patient_id_index ON patient_alias (alias_patient_id);

-- One row per study of a patient.
CREATE TABLE study (
    -- Patient.
    patient_id INTEGER NOT NULL,
    -- Content key of (patient, study_key).
    study_id INTEGER PRIMARY KEY,
    -- Natural key: the Study Instance UID, or what the adapter uses in its place.
    study_key TEXT NOT NULL,
    -- DICOM Study Instance UID (0020,000D); NULL where the source has none.
    study_instance_uid TEXT,
    CONSTRAINT study_patient_id_study_id_key UNIQUE (patient_id, study_id),
    CONSTRAINT study_patient_id_study_key_key UNIQUE (patient_id, study_key),
    CONSTRAINT study_patient_fk FOREIGN KEY (patient_id)
        REFERENCES patient (patient_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT study_study_id_check CHECK (study_id >= 0)
) STRICT;
CREATE INDEX study_study_instance_uid_index ON study (study_instance_uid) WHERE study_instance_uid IS NOT NULL;

-- One row per series and variant: one volume, stack of images, photograph, mask, or object without pixels.
CREATE TABLE series (
    -- Patient.
    patient_id INTEGER NOT NULL,
    -- Content key of (study, series_key, variant).
    series_id INTEGER PRIMARY KEY,
    -- Study.
    study_id INTEGER NOT NULL,
    -- Natural key: the Series Instance UID, or what the adapter uses in its place.
    series_key TEXT NOT NULL,
    -- 0, or 1, 2, … where the same slice keys came again with other pixels.
    variant INTEGER NOT NULL DEFAULT 0,
    -- Grows by one whenever slices are added and slice_index is renumbered.
    revision INTEGER NOT NULL DEFAULT 1,
    -- DICOM Series Instance UID (0020,000E); NULL where the source has none.
    series_instance_uid TEXT,
    -- image; mask (grey levels of a mask file); localizer (scout view); object (a header without pixels).
    role TEXT NOT NULL,
    -- DICOM modality (0008,0060), such as CT; NULL where unknown.
    modality TEXT,
    -- volume: parallel equidistant slices with an affine; stack: slices in order without one; photo: unordered
    -- images; NULL for an object.
    geometry_kind TEXT,
    -- What slice_index was derived from, the best that all slices have; NULL for an object.
    ordering_rule TEXT,
    -- Number of slices stored.
    slice_count INTEGER NOT NULL,
    -- DICOM photometric interpretation (0028,0004) of the stored values, such as MONOCHROME2.
    photometric_interpretation TEXT,
    -- DICOM Frame of Reference UID (0020,0052).
    frame_of_reference_uid TEXT,
    -- Centre of the first voxel, x (towards left), mm, DICOM LPS; NULL unless a volume.
    origin_x_mm REAL,
    -- Centre of the first voxel, y (towards posterior), mm, DICOM LPS; NULL unless a volume.
    origin_y_mm REAL,
    -- Centre of the first voxel, z (towards superior), mm, DICOM LPS; NULL unless a volume.
    origin_z_mm REAL,
    -- Unit vector along a row, towards increasing columns: x component, LPS; NULL unless a volume.
    row_direction_x REAL,
    -- Unit vector along a row, towards increasing columns: y component, LPS; NULL unless a volume.
    row_direction_y REAL,
    -- Unit vector along a row, towards increasing columns: z component, LPS; NULL unless a volume.
    row_direction_z REAL,
    -- Unit vector along a column, towards increasing rows: x component, LPS; NULL unless a volume.
    column_direction_x REAL,
    -- Unit vector along a column, towards increasing rows: y component, LPS; NULL unless a volume.
    column_direction_y REAL,
    -- Unit vector along a column, towards increasing rows: z component, LPS; NULL unless a volume.
    column_direction_z REAL,
    -- Unit vector from slice to slice, towards increasing slice_index: x component, LPS; NULL unless a volume.
    slice_direction_x REAL,
    -- Unit vector from slice to slice, towards increasing slice_index: y component, LPS; NULL unless a volume.
    slice_direction_y REAL,
    -- Unit vector from slice to slice, towards increasing slice_index: z component, LPS; NULL unless a volume.
    slice_direction_z REAL,
    -- Distance between the centres of neighbouring columns, mm; NULL where unknown.
    column_spacing_mm REAL,
    -- Distance between the centres of neighbouring rows, mm; NULL where unknown.
    row_spacing_mm REAL,
    -- Distance between the centres of neighbouring slices, mm; NULL unless a volume.
    slice_spacing_mm REAL,
    -- Nominal thickness (0018,0050), mm; not the spacing.
    slice_thickness_mm REAL,
    -- Series of which this is another rendering or a mask; labels and annotations belong to that one.
    companion_of INTEGER,
    -- Series this one was computed from.
    derived_from INTEGER,
    -- Variant 0 of the series whose slice keys this variant repeats with other pixels.
    conflict_of INTEGER,
    -- How grey levels of a mask series become marks: threshold, direction, target.
    mask_rule TEXT,
    -- Whether training sets may take it; false for a conflicting variant until a person decides.
    is_trainable INTEGER NOT NULL DEFAULT 1,
    -- Run that stored its latest revision.
    ingest_run_id INTEGER NOT NULL,
    CONSTRAINT series_patient_id_series_id_key UNIQUE (patient_id, series_id),
    CONSTRAINT series_patient_id_study_id_series_key_variant_key UNIQUE (patient_id, study_id, series_key, variant),
    CONSTRAINT series_study_fk FOREIGN KEY (patient_id, study_id)
        REFERENCES study (patient_id, study_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT series_companion_of_fk FOREIGN KEY (patient_id, companion_of)
        REFERENCES series (patient_id, series_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT series_derived_from_fk FOREIGN KEY (patient_id, derived_from)
        REFERENCES series (patient_id, series_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT series_conflict_of_fk FOREIGN KEY (patient_id, conflict_of)
        REFERENCES series (patient_id, series_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT series_ingest_run_fk FOREIGN KEY (ingest_run_id)
        REFERENCES ingest_run (ingest_run_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT series_series_id_check CHECK (series_id >= 0),
    CONSTRAINT series_role_check CHECK (role IN ('image', 'mask', 'localizer', 'object')),
    CONSTRAINT series_geometry_kind_check CHECK (geometry_kind IN ('volume', 'stack', 'photo')),
    CONSTRAINT series_ordering_rule_check CHECK (
        ordering_rule IN ('image_position', 'slice_location', 'instance_number', 'file_name', 'storage')
    ),
    CONSTRAINT series_mask_rule_check CHECK (mask_rule IS NULL OR json_valid(mask_rule)),
    CONSTRAINT series_is_trainable_check CHECK (is_trainable IN (0, 1)),
    CONSTRAINT series_variant_check CHECK (variant >= 0 AND (variant = 0) = (conflict_of IS NULL)),
    CONSTRAINT series_revision_check CHECK (revision >= 1),
    CONSTRAINT series_slice_count_check CHECK (slice_count >= 0 AND (role <> 'object' OR slice_count = 0)),
    CONSTRAINT series_object_check CHECK (
        (role = 'object') = (geometry_kind IS NULL) AND (role = 'object') = (ordering_rule IS NULL)
    ),
    CONSTRAINT series_self_check CHECK (
        (companion_of IS NULL OR companion_of <> series_id)
        AND (derived_from IS NULL OR derived_from <> series_id)
        AND (conflict_of IS NULL OR conflict_of <> series_id)
    ),
    CONSTRAINT series_affine_check CHECK (
        (origin_x_mm IS NOT NULL) = (geometry_kind IS NOT DISTINCT FROM 'volume')
        AND (origin_y_mm IS NOT NULL) = (geometry_kind IS NOT DISTINCT FROM 'volume')
        AND (origin_z_mm IS NOT NULL) = (geometry_kind IS NOT DISTINCT FROM 'volume')
        AND (row_direction_x IS NOT NULL) = (geometry_kind IS NOT DISTINCT FROM 'volume')
        AND (row_direction_y IS NOT NULL) = (geometry_kind IS NOT DISTINCT FROM 'volume')
        AND (row_direction_z IS NOT NULL) = (geometry_kind IS NOT DISTINCT FROM 'volume')
        AND (column_direction_x IS NOT NULL) = (geometry_kind IS NOT DISTINCT FROM 'volume')
        AND (column_direction_y IS NOT NULL) = (geometry_kind IS NOT DISTINCT FROM 'volume')
        AND (column_direction_z IS NOT NULL) = (geometry_kind IS NOT DISTINCT FROM 'volume')
        AND (slice_direction_x IS NOT NULL) = (geometry_kind IS NOT DISTINCT FROM 'volume')
        AND (slice_direction_y IS NOT NULL) = (geometry_kind IS NOT DISTINCT FROM 'volume')
        AND (slice_direction_z IS NOT NULL) = (geometry_kind IS NOT DISTINCT FROM 'volume')
        AND (slice_spacing_mm IS NOT NULL) = (geometry_kind IS NOT DISTINCT FROM 'volume')
    ),
    CONSTRAINT series_spacing_check CHECK (
        (column_spacing_mm IS NULL) = (row_spacing_mm IS NULL)
        AND (geometry_kind IS DISTINCT FROM 'volume' OR column_spacing_mm IS NOT NULL)
        AND (column_spacing_mm IS NULL OR column_spacing_mm > 0)
        AND (row_spacing_mm IS NULL OR row_spacing_mm > 0)
        AND (slice_spacing_mm IS NULL OR slice_spacing_mm > 0)
    )
) STRICT;
CREATE INDEX series_series_instance_uid_index ON series (series_instance_uid) WHERE series_instance_uid IS NOT NULL;
CREATE INDEX series_patient_id_companion_of_index ON series (patient_id, companion_of) WHERE companion_of IS NOT NULL;
CREATE INDEX series_patient_id_derived_from_index ON series (patient_id, derived_from) WHERE derived_from IS NOT NULL;
CREATE INDEX series_patient_id_conflict_of_index ON series (patient_id, conflict_of) WHERE conflict_of IS NOT NULL;
CREATE INDEX series_ingest_run_id_index ON series (ingest_run_id);

-- One row per frame: a two-dimensional image of a series.
CREATE TABLE slice (
    -- Patient.
    patient_id INTEGER NOT NULL,
    -- Content key of (series, slice_key).
    slice_id INTEGER PRIMARY KEY,
    -- Series.
    series_id INTEGER NOT NULL,
    -- Natural key: SOP Instance UID and frame number, else digest of the source and frame number.
    slice_key TEXT NOT NULL,
    -- 0-based position along the slice direction. An attribute, not an identity: it is renumbered when the series
    -- grows, through negative numbers, since SQLite cannot defer a unique constraint.
    slice_index INTEGER NOT NULL,
    -- DICOM SOP Instance UID (0008,0018); NULL where the source has none.
    sop_instance_uid TEXT,
    -- DICOM frame number, 1-based; NULL where the source is not DICOM.
    frame_number INTEGER,
    -- DICOM Instance Number (0020,0013), or the number by which the dataset names the slice.
    instance_number INTEGER,
    -- Projection of the slice position on the slice direction, mm; NULL where unknown.
    position_mm REAL,
    -- Height in pixels.
    rows INTEGER NOT NULL,
    -- Width in pixels.
    columns INTEGER NOT NULL,
    -- Interleaved samples per pixel: 1 grey, 3 colour.
    samples_per_pixel INTEGER NOT NULL,
    -- Type of a stored sample: unsigned, signed or floating point, and its bits.
    pixel_type TEXT NOT NULL,
    -- Value = slope × stored + intercept; NULL where the source gives none (not HU).
    rescale_slope REAL,
    -- Value = slope × stored + intercept; NULL where the source gives none.
    rescale_intercept REAL,
    -- First window centre of the header (0028,1050), in rescaled values.
    window_center REAL,
    -- First window width of the header (0028,1051), in rescaled values.
    window_width REAL,
    -- Smallest stored value; NULL where no sample is a number.
    minimum REAL,
    -- Greatest stored value; NULL where no sample is a number.
    maximum REAL,
    -- Mean of the stored values; NULL where no sample is a number.
    mean REAL,
    -- At least 98% of the pixels share one value; such slices never join two patients.
    is_blank INTEGER NOT NULL,
    -- SHA-256 over type, shape and little-endian samples (slicehouse-pixels-1), 32 bytes.
    pixel_digest BLOB NOT NULL,
    CONSTRAINT slice_patient_id_slice_id_key UNIQUE (patient_id, slice_id),
    CONSTRAINT slice_patient_id_series_id_slice_index_key UNIQUE (patient_id, series_id, slice_index),
    CONSTRAINT slice_patient_id_series_id_slice_key_key UNIQUE (patient_id, series_id, slice_key),
    CONSTRAINT slice_series_fk FOREIGN KEY (patient_id, series_id)
        REFERENCES series (patient_id, series_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT slice_slice_id_check CHECK (slice_id >= 0),
    CONSTRAINT slice_pixel_type_check CHECK (pixel_type IN ('u8', 'i8', 'u16', 'i16', 'u32', 'i32', 'f32', 'f64')),
    CONSTRAINT slice_is_blank_check CHECK (is_blank IN (0, 1)),
    CONSTRAINT slice_pixel_digest_check CHECK (length(pixel_digest) = 32),
    CONSTRAINT slice_frame_number_check CHECK (frame_number IS NULL OR frame_number >= 1),
    CONSTRAINT slice_shape_check CHECK (rows > 0 AND columns > 0 AND samples_per_pixel > 0),
    CONSTRAINT slice_rescale_check CHECK ((rescale_slope IS NULL) = (rescale_intercept IS NULL)),
    CONSTRAINT slice_range_check CHECK (minimum <= maximum)
) STRICT;
CREATE INDEX slice_pixel_digest_index ON slice (pixel_digest);
CREATE INDEX slice_sop_instance_uid_index ON slice (sop_instance_uid) WHERE sop_instance_uid IS NOT NULL;

-- One row per slice × source file × frame that holds its pixels; identical copies of a file add rows.
CREATE TABLE slice_source (
    -- Patient.
    patient_id INTEGER NOT NULL,
    -- Slice.
    slice_id INTEGER NOT NULL,
    -- File that holds the pixels.
    source_file_id INTEGER NOT NULL,
    -- Frame within the file, 1-based; 1 for a file of one frame.
    frame_number INTEGER NOT NULL,
    -- Where the (encoded) pixels begin, bytes from the start of the decompressed file; NULL where unknown.
    byte_offset INTEGER,
    -- Length of the (encoded) pixels, bytes; NULL where unknown.
    byte_length INTEGER,
    CONSTRAINT slice_source_pkey PRIMARY KEY (patient_id, slice_id, source_file_id, frame_number),
    CONSTRAINT slice_source_slice_fk FOREIGN KEY (patient_id, slice_id)
        REFERENCES slice (patient_id, slice_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT slice_source_source_file_fk FOREIGN KEY (source_file_id)
        REFERENCES source_file (source_file_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT slice_source_frame_number_check CHECK (frame_number >= 1),
    CONSTRAINT slice_source_byte_offset_check CHECK (byte_offset IS NULL OR byte_offset >= 0)
) STRICT, WITHOUT ROWID;
CREATE INDEX slice_source_source_file_id_index ON slice_source (source_file_id);

-- One row per series × source file, for what has no slice to hang on: an object without pixels.
CREATE TABLE series_source (
    -- Patient.
    patient_id INTEGER NOT NULL,
    -- Series; an object is a series of its own, its key the SOP Instance UID.
    series_id INTEGER NOT NULL,
    -- File it was read from.
    source_file_id INTEGER NOT NULL,
    CONSTRAINT series_source_pkey PRIMARY KEY (patient_id, series_id, source_file_id),
    CONSTRAINT series_source_series_fk FOREIGN KEY (patient_id, series_id)
        REFERENCES series (patient_id, series_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT series_source_source_file_fk FOREIGN KEY (source_file_id)
        REFERENCES source_file (source_file_id) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;
CREATE INDEX series_source_source_file_id_index ON series_source (source_file_id);

-- One row per slice × tile: a band of rows of stored values, lossless, never windowed or resized.
CREATE TABLE slice_pixels (
    -- Patient.
    patient_id INTEGER NOT NULL,
    -- Slice.
    slice_id INTEGER NOT NULL,
    -- 0 for the only or topmost tile; larger images are bands of rows of at most 64 MiB each.
    tile_index INTEGER NOT NULL,
    -- First image row of the tile, 0-based.
    first_row INTEGER NOT NULL,
    -- Image rows in the tile.
    row_count INTEGER NOT NULL,
    -- blosc: a Blosc 1 frame, LZ4 or Zstandard with byte shuffle; jpeg, jpeg2000: the code stream of a lossy
    -- source, whose named decoder gives the pixels of the digest.
    encoding TEXT NOT NULL,
    -- Encoded pixels of the tile.
    bytes BLOB NOT NULL,
    CONSTRAINT slice_pixels_pkey PRIMARY KEY (patient_id, slice_id, tile_index),
    CONSTRAINT slice_pixels_slice_fk FOREIGN KEY (patient_id, slice_id)
        REFERENCES slice (patient_id, slice_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT slice_pixels_encoding_check CHECK (encoding IN ('blosc', 'jpeg', 'jpeg2000')),
    CONSTRAINT slice_pixels_tile_index_check CHECK (tile_index >= 0),
    CONSTRAINT slice_pixels_row_check CHECK (first_row >= 0 AND row_count > 0),
    CONSTRAINT slice_pixels_bytes_check CHECK (length(bytes) BETWEEN 1 AND 67108864)
) STRICT;

-- One row per finding of a check or reader: something odd that was stored all the same.
CREATE TABLE quality_finding (
    -- Content key of (check, subject, source file, detail).
    quality_finding_id INTEGER PRIMARY KEY,
    -- Check or reader warning that found it, such as duplicate_positions.
    check_name TEXT NOT NULL,
    -- info: worth knowing; warning: look before you train; error: a promise is broken.
    severity TEXT NOT NULL,
    -- What the finding is about.
    level TEXT NOT NULL,
    -- Dataset, where the finding has one.
    dataset_id INTEGER,
    -- Source file, where the finding has one.
    source_file_id INTEGER,
    -- Patient, where the finding has one.
    patient_id INTEGER,
    -- Study, where the finding has one.
    study_id INTEGER,
    -- Series, where the finding has one.
    series_id INTEGER,
    -- Slice, where the finding has one.
    slice_id INTEGER,
    -- What is odd, in one sentence without values of the file.
    sentence TEXT NOT NULL,
    -- Counts, codes and attribute paths for programs.
    detail TEXT NOT NULL,
    -- Run that found it last.
    ingest_run_id INTEGER NOT NULL,
    CONSTRAINT quality_finding_dataset_fk FOREIGN KEY (dataset_id)
        REFERENCES dataset (dataset_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT quality_finding_source_file_fk FOREIGN KEY (source_file_id)
        REFERENCES source_file (source_file_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT quality_finding_patient_fk FOREIGN KEY (patient_id)
        REFERENCES patient (patient_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT quality_finding_study_fk FOREIGN KEY (patient_id, study_id)
        REFERENCES study (patient_id, study_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT quality_finding_series_fk FOREIGN KEY (patient_id, series_id)
        REFERENCES series (patient_id, series_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT quality_finding_slice_fk FOREIGN KEY (patient_id, slice_id)
        REFERENCES slice (patient_id, slice_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT quality_finding_ingest_run_fk FOREIGN KEY (ingest_run_id)
        REFERENCES ingest_run (ingest_run_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT quality_finding_quality_finding_id_check CHECK (quality_finding_id >= 0),
    CONSTRAINT quality_finding_severity_check CHECK (severity IN ('info', 'warning', 'error')),
    CONSTRAINT quality_finding_level_check CHECK (
        level IN ('run', 'dataset', 'source_file', 'patient', 'study', 'series', 'slice')
    ),
    CONSTRAINT quality_finding_detail_check CHECK (json_valid(detail)),
    CONSTRAINT quality_finding_subject_check CHECK (
        (level <> 'dataset' OR dataset_id IS NOT NULL)
        AND (level <> 'source_file' OR source_file_id IS NOT NULL)
        AND (level NOT IN ('patient', 'study', 'series', 'slice') OR patient_id IS NOT NULL)
        AND (patient_id IS NOT NULL OR (study_id IS NULL AND series_id IS NULL AND slice_id IS NULL))
        AND (level <> 'study' OR study_id IS NOT NULL)
        AND (level <> 'series' OR series_id IS NOT NULL)
        AND (level <> 'slice' OR slice_id IS NOT NULL)
    )
) STRICT;
CREATE INDEX quality_finding_check_name_index ON quality_finding (check_name);
CREATE INDEX quality_finding_patient_id_index ON quality_finding (patient_id) WHERE patient_id IS NOT NULL;
CREATE INDEX quality_finding_source_file_id_index
    ON quality_finding (source_file_id) WHERE source_file_id IS NOT NULL;
CREATE INDEX quality_finding_ingest_run_id_index ON quality_finding (ingest_run_id);
