-- Migration 0005: marks on images, and who made them
--
-- Tables, each with its grain in its comment:
--   reading, annotation, annotation_member, annotation_mask, annotation_contour, annotation_rating

CREATE TABLE reading (
    patient_id bigint NOT NULL,
    series_id bigint NOT NULL,
    reader_id bigint NOT NULL,
    session integer NOT NULL DEFAULT 1,
    CONSTRAINT reading_pkey PRIMARY KEY (patient_id, series_id, reader_id, session),
    CONSTRAINT reading_series_fk FOREIGN KEY (patient_id, series_id)
        REFERENCES series (patient_id, series_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT reading_reader_fk FOREIGN KEY (reader_id) REFERENCES reader (reader_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT reading_session_check CHECK (session >= 1)
);

COMMENT ON TABLE reading IS
    'One row per reader × series × session: who looked. Without a reading, absence of a mark says '
    'nothing.';
COMMENT ON COLUMN reading.patient_id IS 'Patient.';
COMMENT ON COLUMN reading.series_id IS 'Series that was read.';
COMMENT ON COLUMN reading.reader_id IS 'Reader.';
COMMENT ON COLUMN reading.session IS 'Number of the reading by the same reader, 1-based.';

CREATE TABLE annotation (
    patient_id bigint NOT NULL,
    annotation_id bigint NOT NULL,
    series_id bigint NOT NULL,
    reader_id bigint,
    annotation_key text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    target text COLLATE "C" NOT NULL,
    label_term_id bigint,
    centre_x_mm double precision,
    centre_y_mm double precision,
    centre_z_mm double precision,
    centre_column double precision,
    centre_row double precision,
    centre_slice double precision,
    extent_x_mm double precision,
    extent_y_mm double precision,
    extent_z_mm double precision,
    diameter_mm double precision,
    voxel_count bigint,
    volume_mm3 double precision,
    mask_series_id bigint,
    rule jsonb NOT NULL,
    derived_from_annotation bigint,
    ingest_run_id bigint NOT NULL,
    CONSTRAINT annotation_pkey PRIMARY KEY (patient_id, annotation_id),
    CONSTRAINT annotation_patient_id_series_id_reader_id_annotation_key_key
        UNIQUE NULLS NOT DISTINCT (patient_id, series_id, reader_id, annotation_key),
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
    CONSTRAINT annotation_centre_mm_check CHECK (
        (centre_x_mm IS NULL) = (centre_y_mm IS NULL) AND (centre_x_mm IS NULL) = (centre_z_mm IS NULL)
    ),
    CONSTRAINT annotation_size_check CHECK (
        (voxel_count IS NULL OR voxel_count >= 0)
        AND (volume_mm3 IS NULL OR volume_mm3 >= 0)
        AND (diameter_mm IS NULL OR diameter_mm >= 0)
    )
);
CREATE INDEX annotation_label_term_id_index ON annotation (label_term_id) WHERE label_term_id IS NOT NULL;
CREATE INDEX annotation_patient_id_mask_series_id_index
    ON annotation (patient_id, mask_series_id) WHERE mask_series_id IS NOT NULL;
CREATE INDEX annotation_ingest_run_id_index ON annotation (ingest_run_id);

COMMENT ON TABLE annotation IS
    'One row per marked object: a mask, box, point, sphere or contour stack of one reader on one series.';
COMMENT ON COLUMN annotation.patient_id IS 'Patient.';
COMMENT ON COLUMN annotation.annotation_id IS 'Content key of (series, reader, annotation_key).';
COMMENT ON COLUMN annotation.series_id IS 'Image series it is drawn on.';
COMMENT ON COLUMN annotation.reader_id IS 'Who marked it; NULL where the source does not say.';
COMMENT ON COLUMN annotation.annotation_key IS 'Natural key within series and reader.';
COMMENT ON COLUMN annotation.kind IS 'Shape that was given.';
COMMENT ON COLUMN annotation.target IS 'What it marks, such as haemorrhage, nodule or lung.';
COMMENT ON COLUMN annotation.label_term_id IS 'What it marks as a term of a domain, where there is one.';
COMMENT ON COLUMN annotation.centre_x_mm IS 'Centre, x, mm, DICOM LPS; NULL where the series is not a volume.';
COMMENT ON COLUMN annotation.centre_y_mm IS 'Centre, y, mm, DICOM LPS.';
COMMENT ON COLUMN annotation.centre_z_mm IS 'Centre, z, mm, DICOM LPS.';
COMMENT ON COLUMN annotation.centre_column IS
    'Centre, voxel coordinate along a row, 0 at the centre of the first column.';
COMMENT ON COLUMN annotation.centre_row IS 'Centre, voxel coordinate along a column.';
COMMENT ON COLUMN annotation.centre_slice IS
    'Centre, voxel coordinate across slices, at the revision of the series when it was stored.';
COMMENT ON COLUMN annotation.extent_x_mm IS 'Size of a box along x, mm.';
COMMENT ON COLUMN annotation.extent_y_mm IS 'Size of a box along y, mm.';
COMMENT ON COLUMN annotation.extent_z_mm IS 'Size of a box along z, mm.';
COMMENT ON COLUMN annotation.diameter_mm IS
    'Diameter as given, or of the sphere of equal volume (rule says which), mm.';
COMMENT ON COLUMN annotation.voxel_count IS 'Marked voxels over all slices; NULL where nothing was rasterised.';
COMMENT ON COLUMN annotation.volume_mm3 IS 'Marked volume, mm³; NULL without voxel spacing.';
COMMENT ON COLUMN annotation.mask_series_id IS 'Mask series it was derived from.';
COMMENT ON COLUMN annotation.rule IS 'How it was derived: threshold, contour rule, consensus level.';
COMMENT ON COLUMN annotation.derived_from_annotation IS
    'Annotation of the same patient it was computed from; several are in annotation_member.';
COMMENT ON COLUMN annotation.ingest_run_id IS 'Run that stored it.';

CREATE TABLE annotation_member (
    patient_id bigint NOT NULL,
    annotation_id bigint NOT NULL,
    member_annotation_id bigint NOT NULL,
    CONSTRAINT annotation_member_pkey PRIMARY KEY (patient_id, annotation_id, member_annotation_id),
    CONSTRAINT annotation_member_annotation_fk FOREIGN KEY (patient_id, annotation_id)
        REFERENCES annotation (patient_id, annotation_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT annotation_member_member_annotation_fk FOREIGN KEY (patient_id, member_annotation_id)
        REFERENCES annotation (patient_id, annotation_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT annotation_member_self_check CHECK (annotation_id <> member_annotation_id)
);
CREATE INDEX annotation_member_patient_id_member_annotation_id_index
    ON annotation_member (patient_id, member_annotation_id);

COMMENT ON TABLE annotation_member IS 'One row per consensus annotation × annotation it was formed from.';
COMMENT ON COLUMN annotation_member.patient_id IS 'Patient.';
COMMENT ON COLUMN annotation_member.annotation_id IS 'The consensus.';
COMMENT ON COLUMN annotation_member.member_annotation_id IS 'An annotation it was formed from.';

CREATE TABLE annotation_mask (
    patient_id bigint NOT NULL,
    annotation_id bigint NOT NULL,
    slice_id bigint NOT NULL,
    mask_slice_id bigint,
    rle bytea NOT NULL,
    voxel_count integer NOT NULL,
    first_row integer NOT NULL,
    last_row integer NOT NULL,
    first_column integer NOT NULL,
    last_column integer NOT NULL,
    threshold double precision,
    level_count integer,
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
);
ALTER TABLE annotation_mask ALTER COLUMN rle SET STORAGE EXTERNAL;
CREATE INDEX annotation_mask_patient_id_slice_id_index ON annotation_mask (patient_id, slice_id);

COMMENT ON TABLE annotation_mask IS 'One row per annotation × slice that it marks: the marked pixels.';
COMMENT ON COLUMN annotation_mask.patient_id IS 'Patient.';
COMMENT ON COLUMN annotation_mask.annotation_id IS 'Annotation.';
COMMENT ON COLUMN annotation_mask.slice_id IS 'Image slice that is marked.';
COMMENT ON COLUMN annotation_mask.mask_slice_id IS 'Slice of the mask series it was derived from.';
COMMENT ON COLUMN annotation_mask.rle IS
    'Row-major alternating runs of unmarked and marked pixels, unmarked first, each an unsigned LEB128; '
    'rows × columns of the slice.';
COMMENT ON COLUMN annotation_mask.voxel_count IS 'Marked pixels, at least 1.';
COMMENT ON COLUMN annotation_mask.first_row IS 'First row of the marked pixels, 0-based, inclusive.';
COMMENT ON COLUMN annotation_mask.last_row IS 'Last row of the marked pixels, 0-based, inclusive.';
COMMENT ON COLUMN annotation_mask.first_column IS 'First column of the marked pixels, 0-based, inclusive.';
COMMENT ON COLUMN annotation_mask.last_column IS 'Last column of the marked pixels, 0-based, inclusive.';
COMMENT ON COLUMN annotation_mask.threshold IS
    'Rescaled grey level above which a mask pixel is marked; NULL where the source is not a raster.';
COMMENT ON COLUMN annotation_mask.level_count IS
    'Distinct grey levels of the mask slice; above 2 the source was not binary.';

CREATE TABLE annotation_contour (
    patient_id bigint NOT NULL,
    annotation_id bigint NOT NULL,
    contour_index integer NOT NULL,
    slice_id bigint NOT NULL,
    is_inclusion boolean NOT NULL,
    points jsonb NOT NULL,
    point_count integer NOT NULL,
    CONSTRAINT annotation_contour_pkey PRIMARY KEY (patient_id, annotation_id, contour_index),
    CONSTRAINT annotation_contour_annotation_fk FOREIGN KEY (patient_id, annotation_id)
        REFERENCES annotation (patient_id, annotation_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT annotation_contour_slice_fk FOREIGN KEY (patient_id, slice_id)
        REFERENCES slice (patient_id, slice_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT annotation_contour_point_count_check CHECK (point_count > 0)
);
CREATE INDEX annotation_contour_patient_id_slice_id_index ON annotation_contour (patient_id, slice_id);

COMMENT ON TABLE annotation_contour IS 'One row per annotation × closed polygon, as the reader drew it.';
COMMENT ON COLUMN annotation_contour.patient_id IS 'Patient.';
COMMENT ON COLUMN annotation_contour.annotation_id IS 'Annotation.';
COMMENT ON COLUMN annotation_contour.contour_index IS 'Order in the source, 0-based.';
COMMENT ON COLUMN annotation_contour.slice_id IS 'Slice the polygon lies on.';
COMMENT ON COLUMN annotation_contour.is_inclusion IS
    'True where the polygon adds its inside, false where it cuts it out.';
COMMENT ON COLUMN annotation_contour.points IS
    'Array of [column, row] in pixels, 0 at the centre of the first pixel.';
COMMENT ON COLUMN annotation_contour.point_count IS 'Number of points.';

CREATE TABLE annotation_rating (
    patient_id bigint NOT NULL,
    annotation_id bigint NOT NULL,
    characteristic text COLLATE "C" NOT NULL,
    raw_value text COLLATE "C" NOT NULL,
    rating double precision,
    CONSTRAINT annotation_rating_pkey PRIMARY KEY (patient_id, annotation_id, characteristic),
    CONSTRAINT annotation_rating_annotation_fk FOREIGN KEY (patient_id, annotation_id)
        REFERENCES annotation (patient_id, annotation_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
);

COMMENT ON TABLE annotation_rating IS 'One row per annotation × characteristic that its reader rated.';
COMMENT ON COLUMN annotation_rating.patient_id IS 'Patient.';
COMMENT ON COLUMN annotation_rating.annotation_id IS 'Annotation.';
COMMENT ON COLUMN annotation_rating.characteristic IS 'What was rated, such as malignancy.';
COMMENT ON COLUMN annotation_rating.raw_value IS 'Rating as the source has it.';
COMMENT ON COLUMN annotation_rating.rating IS
    'Rating as a number; NULL where the raw value is none or out of its scale.';
