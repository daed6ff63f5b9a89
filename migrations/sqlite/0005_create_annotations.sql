-- Migration 0005: marks on images, and who made them
--
-- Tables, each with its grain in its comment:
--   reading, annotation, annotation_member, annotation_mask, annotation_contour, annotation_rating

-- One row per reader × series × session: who looked. Without a reading, absence of a mark says nothing.
CREATE TABLE reading (
    -- Patient.
    patient_id INTEGER NOT NULL,
    -- Series that was read.
    series_id INTEGER NOT NULL,
    -- Reader.
    reader_id INTEGER NOT NULL,
    -- Number of the reading by the same reader, 1-based.
    session INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT reading_pkey PRIMARY KEY (patient_id, series_id, reader_id, session),
    CONSTRAINT reading_series_fk FOREIGN KEY (patient_id, series_id)
        REFERENCES series (patient_id, series_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT reading_reader_fk FOREIGN KEY (reader_id) REFERENCES reader (reader_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT reading_session_check CHECK (session >= 1)
) STRICT, WITHOUT ROWID;

-- One row per marked object: a mask, box, point, sphere or contour stack of one reader on one series.
CREATE TABLE annotation (
    -- Patient.
    patient_id INTEGER NOT NULL,
    -- Content key of (series, reader, annotation_key).
    annotation_id INTEGER PRIMARY KEY,
    -- Image series it is drawn on.
    series_id INTEGER NOT NULL,
    -- Who marked it; NULL where the source does not say.
    reader_id INTEGER,
    -- Natural key within series and reader.
    annotation_key TEXT NOT NULL,
    -- Shape that was given.
    kind TEXT NOT NULL,
    -- What it marks, such as haemorrhage, nodule or lung.
    target TEXT NOT NULL,
    -- What it marks as a term of a domain, where there is one.
    label_term_id INTEGER,
    -- Centre, x, mm, DICOM LPS; NULL where the series is not a volume.
    centre_x_mm REAL,
    -- Centre, y, mm, DICOM LPS.
    centre_y_mm REAL,
    -- Centre, z, mm, DICOM LPS.
    centre_z_mm REAL,
    -- Centre, voxel coordinate along a row, 0 at the centre of the first column.
    centre_column REAL,
    -- Centre, voxel coordinate along a column.
    centre_row REAL,
    -- Centre, voxel coordinate across slices, at the revision of the series when it was stored.
    centre_slice REAL,
    -- Size of a box along x, mm.
    extent_x_mm REAL,
    -- Size of a box along y, mm.
    extent_y_mm REAL,
    -- Size of a box along z, mm.
    extent_z_mm REAL,
    -- Diameter as given, or of the sphere of equal volume (rule says which), mm.
    diameter_mm REAL,
    -- Marked voxels over all slices; NULL where nothing was rasterised.
    voxel_count INTEGER,
    -- Marked volume, mm³; NULL without voxel spacing.
    volume_mm3 REAL,
    -- Mask series it was derived from.
    mask_series_id INTEGER,
    -- How it was derived: threshold, contour rule, consensus level.
    rule TEXT NOT NULL,
    -- Annotation of the same patient it was computed from; several are in annotation_member.
    derived_from_annotation INTEGER,
    -- Run that stored it.
    ingest_run_id INTEGER NOT NULL,
    CONSTRAINT annotation_patient_id_annotation_id_key UNIQUE (patient_id, annotation_id),
    CONSTRAINT annotation_series_fk FOREIGN KEY (patient_id, series_id)
        REFERENCES series (patient_id, series_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT annotation_reader_fk FOREIGN KEY (reader_id)
        REFERENCES reader (reader_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT annotation_label_term_fk FOREIGN KEY (label_term_id)
        REFERENCES label_term (label_term_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT annotation_mask_series_fk FOREIGN KEY (patient_id, mask_series_id)
        REFERENCES series (patient_id, series_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT annotation_derived_from_annotation_fk FOREIGN KEY (patient_id, derived_from_annotation)
        REFERENCES annotation (patient_id, annotation_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT annotation_ingest_run_fk FOREIGN KEY (ingest_run_id)
        REFERENCES ingest_run (ingest_run_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT annotation_annotation_id_check CHECK (annotation_id >= 0),
    CONSTRAINT annotation_kind_check CHECK (kind IN ('mask', 'box', 'point', 'sphere', 'contour')),
    CONSTRAINT annotation_rule_check CHECK (json_valid(rule)),
    CONSTRAINT annotation_centre_mm_check CHECK (
        (centre_x_mm IS NULL) = (centre_y_mm IS NULL) AND (centre_x_mm IS NULL) = (centre_z_mm IS NULL)
    ),
    CONSTRAINT annotation_size_check CHECK (
        (voxel_count IS NULL OR voxel_count >= 0)
        AND (volume_mm3 IS NULL OR volume_mm3 >= 0)
        AND (diameter_mm IS NULL OR diameter_mm >= 0)
    )
) STRICT;
CREATE UNIQUE INDEX annotation_patient_id_series_id_reader_id_annotation_key_key
    ON annotation (patient_id, series_id, COALESCE(reader_id, -1), annotation_key);
CREATE INDEX annotation_label_term_id_index ON annotation (label_term_id) WHERE label_term_id IS NOT NULL;
CREATE INDEX annotation_patient_id_mask_series_id_index
    ON annotation (patient_id, mask_series_id) WHERE mask_series_id IS NOT NULL;
CREATE INDEX annotation_ingest_run_id_index ON annotation (ingest_run_id);

-- One row per consensus annotation × annotation it was formed from.
CREATE TABLE annotation_member (
    -- Patient.
    patient_id INTEGER NOT NULL,
    -- The consensus.
    annotation_id INTEGER NOT NULL,
    -- An annotation it was formed from.
    member_annotation_id INTEGER NOT NULL,
    CONSTRAINT annotation_member_pkey PRIMARY KEY (patient_id, annotation_id, member_annotation_id),
    CONSTRAINT annotation_member_annotation_fk FOREIGN KEY (patient_id, annotation_id)
        REFERENCES annotation (patient_id, annotation_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT annotation_member_member_annotation_fk FOREIGN KEY (patient_id, member_annotation_id)
        REFERENCES annotation (patient_id, annotation_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT annotation_member_self_check CHECK (annotation_id <> member_annotation_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX annotation_member_patient_id_member_annotation_id_index
    ON annotation_member (patient_id, member_annotation_id);

-- One row per annotation × slice that it marks: the marked pixels.
CREATE TABLE annotation_mask (
    -- Patient.
    patient_id INTEGER NOT NULL,
    -- Annotation.
    annotation_id INTEGER NOT NULL,
    -- Image slice that is marked.
    slice_id INTEGER NOT NULL,
    -- Slice of the mask series it was derived from.
    mask_slice_id INTEGER,
    -- Row-major alternating runs of unmarked and marked pixels, unmarked first, each an unsigned LEB128; rows ×
    -- columns of the slice.
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
    -- Rescaled grey level above which a mask pixel is marked; NULL where the source is not a raster.
    threshold REAL,
    -- Distinct grey levels of the mask slice; above 2 the source was not binary.
    level_count INTEGER,
    CONSTRAINT annotation_mask_pkey PRIMARY KEY (patient_id, annotation_id, slice_id),
    CONSTRAINT annotation_mask_annotation_fk FOREIGN KEY (patient_id, annotation_id)
        REFERENCES annotation (patient_id, annotation_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT annotation_mask_slice_fk FOREIGN KEY (patient_id, slice_id)
        REFERENCES slice (patient_id, slice_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT annotation_mask_mask_slice_fk FOREIGN KEY (patient_id, mask_slice_id)
        REFERENCES slice (patient_id, slice_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT annotation_mask_box_check CHECK (
        first_row >= 0 AND first_row <= last_row AND first_column >= 0 AND first_column <= last_column
    ),
    CONSTRAINT annotation_mask_voxel_count_check CHECK (
        voxel_count BETWEEN 1 AND (last_row - first_row + 1) * (last_column - first_column + 1)
    )
) STRICT;
CREATE INDEX annotation_mask_patient_id_slice_id_index ON annotation_mask (patient_id, slice_id);

-- One row per annotation × closed polygon, as the reader drew it.
CREATE TABLE annotation_contour (
    -- Patient.
    patient_id INTEGER NOT NULL,
    -- Annotation.
    annotation_id INTEGER NOT NULL,
    -- Order in the source, 0-based.
    contour_index INTEGER NOT NULL,
    -- Slice the polygon lies on.
    slice_id INTEGER NOT NULL,
    -- True where the polygon adds its inside, false where it cuts it out.
    is_inclusion INTEGER NOT NULL,
    -- Array of [column, row] in pixels, 0 at the centre of the first pixel.
    points TEXT NOT NULL,
    -- Number of points.
    point_count INTEGER NOT NULL,
    CONSTRAINT annotation_contour_pkey PRIMARY KEY (patient_id, annotation_id, contour_index),
    CONSTRAINT annotation_contour_annotation_fk FOREIGN KEY (patient_id, annotation_id)
        REFERENCES annotation (patient_id, annotation_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT annotation_contour_slice_fk FOREIGN KEY (patient_id, slice_id)
        REFERENCES slice (patient_id, slice_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT annotation_contour_is_inclusion_check CHECK (is_inclusion IN (0, 1)),
    CONSTRAINT annotation_contour_points_check CHECK (json_valid(points)),
    CONSTRAINT annotation_contour_point_count_check CHECK (point_count > 0)
) STRICT;
CREATE INDEX annotation_contour_patient_id_slice_id_index ON annotation_contour (patient_id, slice_id);

-- One row per annotation × characteristic that its reader rated.
CREATE TABLE annotation_rating (
    -- Patient.
    patient_id INTEGER NOT NULL,
    -- Annotation.
    annotation_id INTEGER NOT NULL,
    -- What was rated, such as malignancy.
    characteristic TEXT NOT NULL,
    -- Rating as the source has it.
    raw_value TEXT NOT NULL,
    -- Rating as a number; NULL where the raw value is none or out of its scale.
    rating REAL,
    CONSTRAINT annotation_rating_pkey PRIMARY KEY (patient_id, annotation_id, characteristic),
    CONSTRAINT annotation_rating_annotation_fk FOREIGN KEY (patient_id, annotation_id)
        REFERENCES annotation (patient_id, annotation_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;
