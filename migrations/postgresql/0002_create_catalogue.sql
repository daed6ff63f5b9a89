-- Migration 0002: patients, studies, series, slices and their pixels
--
-- Tables, each with its grain in its comment:
--   patient, patient_alias, study, series, slice, slice_source, series_source, slice_pixels, quality_finding
--
-- Every table below patient carries patient_id, and its foreign keys do too, so that a row can never hang under
-- another patient's series. Primary keys begin with patient_id. The bytes of pixels are compressed already:
-- STORAGE EXTERNAL spares them pglz.

CREATE TABLE patient (
    patient_id bigint NOT NULL,
    dataset_id bigint NOT NULL,
    patient_key text COLLATE "C" NOT NULL,
    CONSTRAINT patient_pkey PRIMARY KEY (patient_id),
    CONSTRAINT patient_dataset_id_patient_key_key UNIQUE (dataset_id, patient_key),
    CONSTRAINT patient_dataset_fk FOREIGN KEY (dataset_id)
        REFERENCES dataset (dataset_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT patient_patient_id_check CHECK (patient_id >= 0)
);

COMMENT ON TABLE patient IS 'One row per dataset × patient key.';
COMMENT ON COLUMN patient.patient_id IS
    'Content key of (dataset, patient_key); ranges of it are partitions and shards.';
COMMENT ON COLUMN patient.dataset_id IS 'Dataset the patient belongs to.';
COMMENT ON COLUMN patient.patient_key IS
    'Key of the patient: that of the collection (research) or a keyed pseudonym (clinical).';

CREATE TABLE patient_alias (
    patient_id bigint NOT NULL,
    alias_patient_id bigint NOT NULL,
    reason text COLLATE "C" NOT NULL,
    evidence text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT patient_alias_pkey PRIMARY KEY (patient_id, alias_patient_id),
    CONSTRAINT patient_alias_patient_fk FOREIGN KEY (patient_id)
        REFERENCES patient (patient_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT patient_alias_alias_patient_fk FOREIGN KEY (alias_patient_id)
        REFERENCES patient (patient_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT patient_alias_reason_check CHECK (reason IN ('adapter', 'declared', 'identical_pixels')),
    CONSTRAINT patient_alias_order_check CHECK (patient_id < alias_patient_id)
);
CREATE INDEX patient_alias_alias_patient_id_index ON patient_alias (alias_patient_id);

COMMENT ON TABLE patient_alias IS 'One row per pair of patients known to be one person.';
COMMENT ON COLUMN patient_alias.patient_id IS 'The patient with the smaller id.';
COMMENT ON COLUMN patient_alias.alias_patient_id IS 'The patient with the greater id.';
COMMENT ON COLUMN patient_alias.reason IS
    'Who says so: the adapter knows, a person declared it, or their pixels are identical.';
COMMENT ON COLUMN patient_alias.evidence IS 'What the claim rests on, in one sentence without identifiers.';
COMMENT ON COLUMN patient_alias.created_at IS 'When the pair was joined, UTC.';

CREATE TABLE study (
    patient_id bigint NOT NULL,
    study_id bigint NOT NULL,
    study_key text COLLATE "C" NOT NULL,
    study_instance_uid text COLLATE "C",
    CONSTRAINT study_pkey PRIMARY KEY (patient_id, study_id),
    CONSTRAINT study_patient_id_study_key_key UNIQUE (patient_id, study_key),
    CONSTRAINT study_patient_fk FOREIGN KEY (patient_id)
        REFERENCES patient (patient_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT study_study_id_check CHECK (study_id >= 0)
);
CREATE INDEX study_study_instance_uid_index ON study (study_instance_uid) WHERE study_instance_uid IS NOT NULL;

COMMENT ON TABLE study IS 'One row per study of a patient.';
COMMENT ON COLUMN study.patient_id IS 'Patient.';
COMMENT ON COLUMN study.study_id IS 'Content key of (patient, study_key).';
COMMENT ON COLUMN study.study_key IS 'Natural key: the Study Instance UID, or what the adapter uses in its place.';
COMMENT ON COLUMN study.study_instance_uid IS 'DICOM Study Instance UID (0020,000D); NULL where the source has none.';

CREATE TABLE series (
    patient_id bigint NOT NULL,
    series_id bigint NOT NULL,
    study_id bigint NOT NULL,
    series_key text COLLATE "C" NOT NULL,
    variant integer NOT NULL DEFAULT 0,
    revision integer NOT NULL DEFAULT 1,
    series_instance_uid text COLLATE "C",
    role text COLLATE "C" NOT NULL,
    modality text COLLATE "C",
    geometry_kind text COLLATE "C",
    ordering_rule text COLLATE "C",
    slice_count integer NOT NULL,
    photometric_interpretation text COLLATE "C",
    frame_of_reference_uid text COLLATE "C",
    origin_x_mm double precision,
    origin_y_mm double precision,
    origin_z_mm double precision,
    row_direction_x double precision,
    row_direction_y double precision,
    row_direction_z double precision,
    column_direction_x double precision,
    column_direction_y double precision,
    column_direction_z double precision,
    slice_direction_x double precision,
    slice_direction_y double precision,
    slice_direction_z double precision,
    column_spacing_mm double precision,
    row_spacing_mm double precision,
    slice_spacing_mm double precision,
    slice_thickness_mm double precision,
    companion_of bigint,
    derived_from bigint,
    conflict_of bigint,
    mask_rule jsonb,
    is_trainable boolean NOT NULL DEFAULT true,
    ingest_run_id bigint NOT NULL,
    CONSTRAINT series_pkey PRIMARY KEY (patient_id, series_id),
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
);
CREATE INDEX series_series_instance_uid_index ON series (series_instance_uid) WHERE series_instance_uid IS NOT NULL;
CREATE INDEX series_patient_id_companion_of_index ON series (patient_id, companion_of) WHERE companion_of IS NOT NULL;
CREATE INDEX series_patient_id_derived_from_index ON series (patient_id, derived_from) WHERE derived_from IS NOT NULL;
CREATE INDEX series_patient_id_conflict_of_index ON series (patient_id, conflict_of) WHERE conflict_of IS NOT NULL;
CREATE INDEX series_ingest_run_id_index ON series (ingest_run_id);

COMMENT ON TABLE series IS
    'One row per series and variant: one volume, stack of images, photograph, mask, or object without '
    'pixels.';
COMMENT ON COLUMN series.patient_id IS 'Patient.';
COMMENT ON COLUMN series.series_id IS 'Content key of (study, series_key, variant).';
COMMENT ON COLUMN series.study_id IS 'Study.';
COMMENT ON COLUMN series.series_key IS 'Natural key: the Series Instance UID, or what the adapter uses in its place.';
COMMENT ON COLUMN series.variant IS '0, or 1, 2, … where the same slice keys came again with other pixels.';
COMMENT ON COLUMN series.revision IS 'Grows by one whenever slices are added and slice_index is renumbered.';
COMMENT ON COLUMN series.series_instance_uid IS
    'DICOM Series Instance UID (0020,000E); NULL where the source has none.';
COMMENT ON COLUMN series.role IS
    'image; mask (grey levels of a mask file); localizer (scout view); object (a header without pixels).';
COMMENT ON COLUMN series.modality IS 'DICOM modality (0008,0060), such as CT; NULL where unknown.';
COMMENT ON COLUMN series.geometry_kind IS
    'volume: parallel equidistant slices with an affine; stack: slices in order without one; photo: '
    'unordered images; NULL for an object.';
COMMENT ON COLUMN series.ordering_rule IS
    'What slice_index was derived from, the best that all slices have; NULL for an object.';
COMMENT ON COLUMN series.slice_count IS 'Number of slices stored.';
COMMENT ON COLUMN series.photometric_interpretation IS
    'DICOM photometric interpretation (0028,0004) of the stored values, such as MONOCHROME2.';
COMMENT ON COLUMN series.frame_of_reference_uid IS 'DICOM Frame of Reference UID (0020,0052).';
COMMENT ON COLUMN series.origin_x_mm IS
    'Centre of the first voxel, x (towards left), mm, DICOM LPS; NULL unless a volume.';
COMMENT ON COLUMN series.origin_y_mm IS
    'Centre of the first voxel, y (towards posterior), mm, DICOM LPS; NULL unless a volume.';
COMMENT ON COLUMN series.origin_z_mm IS
    'Centre of the first voxel, z (towards superior), mm, DICOM LPS; NULL unless a volume.';
COMMENT ON COLUMN series.row_direction_x IS
    'Unit vector along a row, towards increasing columns: x component, LPS; NULL unless a volume.';
COMMENT ON COLUMN series.row_direction_y IS
    'Unit vector along a row, towards increasing columns: y component, LPS; NULL unless a volume.';
COMMENT ON COLUMN series.row_direction_z IS
    'Unit vector along a row, towards increasing columns: z component, LPS; NULL unless a volume.';
COMMENT ON COLUMN series.column_direction_x IS
    'Unit vector along a column, towards increasing rows: x component, LPS; NULL unless a volume.';
COMMENT ON COLUMN series.column_direction_y IS
    'Unit vector along a column, towards increasing rows: y component, LPS; NULL unless a volume.';
COMMENT ON COLUMN series.column_direction_z IS
    'Unit vector along a column, towards increasing rows: z component, LPS; NULL unless a volume.';
COMMENT ON COLUMN series.slice_direction_x IS
    'Unit vector from slice to slice, towards increasing slice_index: x component, LPS; NULL unless a '
    'volume.';
COMMENT ON COLUMN series.slice_direction_y IS
    'Unit vector from slice to slice, towards increasing slice_index: y component, LPS; NULL unless a '
    'volume.';
COMMENT ON COLUMN series.slice_direction_z IS
    'Unit vector from slice to slice, towards increasing slice_index: z component, LPS; NULL unless a '
    'volume.';
COMMENT ON COLUMN series.column_spacing_mm IS
    'Distance between the centres of neighbouring columns, mm; NULL where unknown.';
COMMENT ON COLUMN series.row_spacing_mm IS
    'Distance between the centres of neighbouring rows, mm; NULL where unknown.';
COMMENT ON COLUMN series.slice_spacing_mm IS
    'Distance between the centres of neighbouring slices, mm; NULL unless a volume.';
COMMENT ON COLUMN series.slice_thickness_mm IS 'Nominal thickness (0018,0050), mm; not the spacing.';
COMMENT ON COLUMN series.companion_of IS
    'Series of which this is another rendering or a mask; labels and annotations belong to that one.';
COMMENT ON COLUMN series.derived_from IS 'Series this one was computed from.';
COMMENT ON COLUMN series.conflict_of IS
    'Variant 0 of the series whose slice keys this variant repeats with other pixels.';
COMMENT ON COLUMN series.mask_rule IS 'How grey levels of a mask series become marks: threshold, direction, target.';
COMMENT ON COLUMN series.is_trainable IS
    'Whether training sets may take it; false for a conflicting variant until a person decides.';
COMMENT ON COLUMN series.ingest_run_id IS 'Run that stored its latest revision.';

CREATE TABLE slice (
    patient_id bigint NOT NULL,
    slice_id bigint NOT NULL,
    series_id bigint NOT NULL,
    slice_key text COLLATE "C" NOT NULL,
    slice_index integer NOT NULL,
    sop_instance_uid text COLLATE "C",
    frame_number integer,
    instance_number integer,
    position_mm double precision,
    rows integer NOT NULL,
    columns integer NOT NULL,
    samples_per_pixel integer NOT NULL,
    pixel_type text COLLATE "C" NOT NULL,
    rescale_slope double precision,
    rescale_intercept double precision,
    window_center double precision,
    window_width double precision,
    minimum double precision,
    maximum double precision,
    mean double precision,
    is_blank boolean NOT NULL,
    pixel_digest bytea NOT NULL,
    CONSTRAINT slice_pkey PRIMARY KEY (patient_id, slice_id),
    CONSTRAINT slice_patient_id_series_id_slice_index_key UNIQUE (patient_id, series_id, slice_index),
    CONSTRAINT slice_patient_id_series_id_slice_key_key UNIQUE (patient_id, series_id, slice_key),
    CONSTRAINT slice_series_fk FOREIGN KEY (patient_id, series_id)
        REFERENCES series (patient_id, series_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT slice_slice_id_check CHECK (slice_id >= 0),
    CONSTRAINT slice_pixel_type_check CHECK (pixel_type IN ('u8', 'i8', 'u16', 'i16', 'u32', 'i32', 'f32', 'f64')),
    CONSTRAINT slice_pixel_digest_check CHECK (octet_length(pixel_digest) = 32),
    CONSTRAINT slice_frame_number_check CHECK (frame_number IS NULL OR frame_number >= 1),
    CONSTRAINT slice_shape_check CHECK (rows > 0 AND columns > 0 AND samples_per_pixel > 0),
    CONSTRAINT slice_rescale_check CHECK ((rescale_slope IS NULL) = (rescale_intercept IS NULL)),
    CONSTRAINT slice_range_check CHECK (minimum <= maximum)
);
CREATE INDEX slice_pixel_digest_index ON slice (pixel_digest);
CREATE INDEX slice_sop_instance_uid_index ON slice (sop_instance_uid) WHERE sop_instance_uid IS NOT NULL;

COMMENT ON TABLE slice IS 'One row per frame: a two-dimensional image of a series.';
COMMENT ON COLUMN slice.patient_id IS 'Patient.';
COMMENT ON COLUMN slice.slice_id IS 'Content key of (series, slice_key).';
COMMENT ON COLUMN slice.series_id IS 'Series.';
COMMENT ON COLUMN slice.slice_key IS
    'Natural key: SOP Instance UID and frame number, else digest of the source and frame number.';
COMMENT ON COLUMN slice.slice_index IS
    '0-based position along the slice direction. An attribute, not an identity: it is renumbered when the '
    'series grows, through negative numbers, since SQLite cannot defer a unique constraint.';
COMMENT ON COLUMN slice.sop_instance_uid IS 'DICOM SOP Instance UID (0008,0018); NULL where the source has none.';
COMMENT ON COLUMN slice.frame_number IS 'DICOM frame number, 1-based; NULL where the source is not DICOM.';
COMMENT ON COLUMN slice.instance_number IS
    'DICOM Instance Number (0020,0013), or the number by which the dataset names the slice.';
COMMENT ON COLUMN slice.position_mm IS
    'Projection of the slice position on the slice direction, mm; NULL where unknown.';
COMMENT ON COLUMN slice.rows IS 'Height in pixels.';
COMMENT ON COLUMN slice.columns IS 'Width in pixels.';
COMMENT ON COLUMN slice.samples_per_pixel IS 'Interleaved samples per pixel: 1 grey, 3 colour.';
COMMENT ON COLUMN slice.pixel_type IS 'Type of a stored sample: unsigned, signed or floating point, and its bits.';
COMMENT ON COLUMN slice.rescale_slope IS
    'Value = slope × stored + intercept; NULL where the source gives none (not HU).';
COMMENT ON COLUMN slice.rescale_intercept IS 'Value = slope × stored + intercept; NULL where the source gives none.';
COMMENT ON COLUMN slice.window_center IS 'First window centre of the header (0028,1050), in rescaled values.';
COMMENT ON COLUMN slice.window_width IS 'First window width of the header (0028,1051), in rescaled values.';
COMMENT ON COLUMN slice.minimum IS 'Smallest stored value; NULL where no sample is a number.';
COMMENT ON COLUMN slice.maximum IS 'Greatest stored value; NULL where no sample is a number.';
COMMENT ON COLUMN slice.mean IS 'Mean of the stored values; NULL where no sample is a number.';
COMMENT ON COLUMN slice.is_blank IS
    'At least 98% of the pixels share one value; such slices never join two patients.';
COMMENT ON COLUMN slice.pixel_digest IS
    'SHA-256 over type, shape and little-endian samples (slicehouse-pixels-1), 32 bytes.';

CREATE TABLE slice_source (
    patient_id bigint NOT NULL,
    slice_id bigint NOT NULL,
    source_file_id bigint NOT NULL,
    frame_number integer NOT NULL,
    byte_offset bigint,
    byte_length bigint,
    CONSTRAINT slice_source_pkey PRIMARY KEY (patient_id, slice_id, source_file_id, frame_number),
    CONSTRAINT slice_source_slice_fk FOREIGN KEY (patient_id, slice_id)
        REFERENCES slice (patient_id, slice_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT slice_source_source_file_fk FOREIGN KEY (source_file_id)
        REFERENCES source_file (source_file_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT slice_source_frame_number_check CHECK (frame_number >= 1),
    CONSTRAINT slice_source_byte_offset_check CHECK (byte_offset IS NULL OR byte_offset >= 0)
);
CREATE INDEX slice_source_source_file_id_index ON slice_source (source_file_id);

COMMENT ON TABLE slice_source IS
    'One row per slice × source file × frame that holds its pixels; identical copies of a file add rows.';
COMMENT ON COLUMN slice_source.patient_id IS 'Patient.';
COMMENT ON COLUMN slice_source.slice_id IS 'Slice.';
COMMENT ON COLUMN slice_source.source_file_id IS 'File that holds the pixels.';
COMMENT ON COLUMN slice_source.frame_number IS 'Frame within the file, 1-based; 1 for a file of one frame.';
COMMENT ON COLUMN slice_source.byte_offset IS
    'Where the (encoded) pixels begin, bytes from the start of the decompressed file; NULL where unknown.';
COMMENT ON COLUMN slice_source.byte_length IS 'Length of the (encoded) pixels, bytes; NULL where unknown.';

CREATE TABLE series_source (
    patient_id bigint NOT NULL,
    series_id bigint NOT NULL,
    source_file_id bigint NOT NULL,
    CONSTRAINT series_source_pkey PRIMARY KEY (patient_id, series_id, source_file_id),
    CONSTRAINT series_source_series_fk FOREIGN KEY (patient_id, series_id)
        REFERENCES series (patient_id, series_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT series_source_source_file_fk FOREIGN KEY (source_file_id)
        REFERENCES source_file (source_file_id) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX series_source_source_file_id_index ON series_source (source_file_id);

COMMENT ON TABLE series_source IS
    'One row per series × source file, for what has no slice to hang on: an object without pixels.';
COMMENT ON COLUMN series_source.patient_id IS 'Patient.';
COMMENT ON COLUMN series_source.series_id IS
    'Series; an object is a series of its own, its key the SOP Instance UID.';
COMMENT ON COLUMN series_source.source_file_id IS 'File it was read from.';

CREATE TABLE slice_pixels (
    patient_id bigint NOT NULL,
    slice_id bigint NOT NULL,
    tile_index integer NOT NULL,
    first_row integer NOT NULL,
    row_count integer NOT NULL,
    encoding text COLLATE "C" NOT NULL,
    bytes bytea NOT NULL,
    CONSTRAINT slice_pixels_pkey PRIMARY KEY (patient_id, slice_id, tile_index),
    CONSTRAINT slice_pixels_slice_fk FOREIGN KEY (patient_id, slice_id)
        REFERENCES slice (patient_id, slice_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT slice_pixels_encoding_check CHECK (encoding IN ('blosc', 'jpeg', 'jpeg2000')),
    CONSTRAINT slice_pixels_tile_index_check CHECK (tile_index >= 0),
    CONSTRAINT slice_pixels_row_check CHECK (first_row >= 0 AND row_count > 0),
    CONSTRAINT slice_pixels_bytes_check CHECK (octet_length(bytes) BETWEEN 1 AND 67108864)
) PARTITION BY RANGE (patient_id);
ALTER TABLE slice_pixels ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- Ids are uniform, so equal ranges hold equal shares; a shard of a larger installation is a set of ranges.
CREATE TABLE slice_pixels_00 PARTITION OF slice_pixels FOR VALUES FROM (MINVALUE) TO (576460752303423488);
CREATE TABLE slice_pixels_01 PARTITION OF slice_pixels FOR VALUES FROM (576460752303423488) TO (1152921504606846976);
CREATE TABLE slice_pixels_02 PARTITION OF slice_pixels FOR VALUES FROM (1152921504606846976) TO (1729382256910270464);
CREATE TABLE slice_pixels_03 PARTITION OF slice_pixels FOR VALUES FROM (1729382256910270464) TO (2305843009213693952);
CREATE TABLE slice_pixels_04 PARTITION OF slice_pixels FOR VALUES FROM (2305843009213693952) TO (2882303761517117440);
CREATE TABLE slice_pixels_05 PARTITION OF slice_pixels FOR VALUES FROM (2882303761517117440) TO (3458764513820540928);
CREATE TABLE slice_pixels_06 PARTITION OF slice_pixels FOR VALUES FROM (3458764513820540928) TO (4035225266123964416);
CREATE TABLE slice_pixels_07 PARTITION OF slice_pixels FOR VALUES FROM (4035225266123964416) TO (4611686018427387904);
CREATE TABLE slice_pixels_08 PARTITION OF slice_pixels FOR VALUES FROM (4611686018427387904) TO (5188146770730811392);
CREATE TABLE slice_pixels_09 PARTITION OF slice_pixels FOR VALUES FROM (5188146770730811392) TO (5764607523034234880);
CREATE TABLE slice_pixels_10 PARTITION OF slice_pixels FOR VALUES FROM (5764607523034234880) TO (6341068275337658368);
CREATE TABLE slice_pixels_11 PARTITION OF slice_pixels FOR VALUES FROM (6341068275337658368) TO (6917529027641081856);
CREATE TABLE slice_pixels_12 PARTITION OF slice_pixels FOR VALUES FROM (6917529027641081856) TO (7493989779944505344);
CREATE TABLE slice_pixels_13 PARTITION OF slice_pixels FOR VALUES FROM (7493989779944505344) TO (8070450532247928832);
CREATE TABLE slice_pixels_14 PARTITION OF slice_pixels FOR VALUES FROM (8070450532247928832) TO (8646911284551352320);
CREATE TABLE slice_pixels_15 PARTITION OF slice_pixels FOR VALUES FROM (8646911284551352320) TO (MAXVALUE);

COMMENT ON TABLE slice_pixels IS
    'One row per slice × tile: a band of rows of stored values, lossless, never windowed or resized.';
COMMENT ON COLUMN slice_pixels.patient_id IS 'Patient.';
COMMENT ON COLUMN slice_pixels.slice_id IS 'Slice.';
COMMENT ON COLUMN slice_pixels.tile_index IS
    '0 for the only or topmost tile; larger images are bands of rows of at most 64 MiB each.';
COMMENT ON COLUMN slice_pixels.first_row IS 'First image row of the tile, 0-based.';
COMMENT ON COLUMN slice_pixels.row_count IS 'Image rows in the tile.';
COMMENT ON COLUMN slice_pixels.encoding IS
    'blosc: a Blosc 1 frame, LZ4 or Zstandard with byte shuffle; jpeg, jpeg2000: the code stream of a '
    'lossy source, whose named decoder gives the pixels of the digest.';
COMMENT ON COLUMN slice_pixels.bytes IS 'Encoded pixels of the tile.';

CREATE TABLE quality_finding (
    quality_finding_id bigint NOT NULL,
    check_name text COLLATE "C" NOT NULL,
    severity text COLLATE "C" NOT NULL,
    level text COLLATE "C" NOT NULL,
    dataset_id bigint,
    source_file_id bigint,
    patient_id bigint,
    study_id bigint,
    series_id bigint,
    slice_id bigint,
    sentence text COLLATE "C" NOT NULL,
    detail jsonb NOT NULL,
    ingest_run_id bigint NOT NULL,
    CONSTRAINT quality_finding_pkey PRIMARY KEY (quality_finding_id),
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
    CONSTRAINT quality_finding_subject_check CHECK (
        (level <> 'dataset' OR dataset_id IS NOT NULL)
        AND (level <> 'source_file' OR source_file_id IS NOT NULL)
        AND (level NOT IN ('patient', 'study', 'series', 'slice') OR patient_id IS NOT NULL)
        AND (patient_id IS NOT NULL OR (study_id IS NULL AND series_id IS NULL AND slice_id IS NULL))
        AND (level <> 'study' OR study_id IS NOT NULL)
        AND (level <> 'series' OR series_id IS NOT NULL)
        AND (level <> 'slice' OR slice_id IS NOT NULL)
    )
);
CREATE INDEX quality_finding_check_name_index ON quality_finding (check_name);
CREATE INDEX quality_finding_patient_id_index ON quality_finding (patient_id) WHERE patient_id IS NOT NULL;
CREATE INDEX quality_finding_source_file_id_index
    ON quality_finding (source_file_id) WHERE source_file_id IS NOT NULL;
CREATE INDEX quality_finding_ingest_run_id_index ON quality_finding (ingest_run_id);

COMMENT ON TABLE quality_finding IS
    'One row per finding of a check or reader: something odd that was stored all the same.';
COMMENT ON COLUMN quality_finding.quality_finding_id IS 'Content key of (check, subject, source file, detail).';
COMMENT ON COLUMN quality_finding.check_name IS 'Check or reader warning that found it, such as duplicate_positions.';
COMMENT ON COLUMN quality_finding.severity IS
    'info: worth knowing; warning: look before you train; error: a promise is broken.';
COMMENT ON COLUMN quality_finding.level IS 'What the finding is about.';
COMMENT ON COLUMN quality_finding.dataset_id IS 'Dataset, where the finding has one.';
COMMENT ON COLUMN quality_finding.source_file_id IS 'Source file, where the finding has one.';
COMMENT ON COLUMN quality_finding.patient_id IS 'Patient, where the finding has one.';
COMMENT ON COLUMN quality_finding.study_id IS 'Study, where the finding has one.';
COMMENT ON COLUMN quality_finding.series_id IS 'Series, where the finding has one.';
COMMENT ON COLUMN quality_finding.slice_id IS 'Slice, where the finding has one.';
COMMENT ON COLUMN quality_finding.sentence IS 'What is odd, in one sentence without values of the file.';
COMMENT ON COLUMN quality_finding.detail IS 'Counts, codes and attribute paths for programs.';
COMMENT ON COLUMN quality_finding.ingest_run_id IS 'Run that found it last.';
