-- Migration 0011: the volumes of a series that holds several
--
-- Tables, each with its grain in its comment:
--   series_volume
--
-- Scanners put several volumes into one series: two matrices, phases, echoes, kernels. Its slices are ordered volume by
-- volume, and each volume has the geometry that a series of one volume has in its own row.

CREATE TABLE series_volume (
    patient_id bigint NOT NULL,
    series_id bigint NOT NULL,
    volume_index integer NOT NULL,
    first_slice_index integer NOT NULL,
    slice_count integer NOT NULL,
    traits jsonb NOT NULL,
    geometry_kind text COLLATE "C" NOT NULL,
    ordering_rule text COLLATE "C" NOT NULL,
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
    CONSTRAINT series_volume_pkey PRIMARY KEY (patient_id, series_id, volume_index),
    CONSTRAINT series_volume_series_fk FOREIGN KEY (patient_id, series_id)
        REFERENCES series (patient_id, series_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT series_volume_volume_index_check CHECK (volume_index >= 0 AND first_slice_index >= 0),
    CONSTRAINT series_volume_slice_count_check CHECK (slice_count >= 1),
    CONSTRAINT series_volume_geometry_kind_check CHECK (geometry_kind IN ('volume', 'stack')),
    CONSTRAINT series_volume_ordering_rule_check CHECK (
        ordering_rule IN ('image_position', 'slice_location', 'instance_number', 'file_name', 'storage')
    ),
    CONSTRAINT series_volume_affine_check CHECK (
        (origin_x_mm IS NOT NULL) = (geometry_kind = 'volume')
        AND (origin_y_mm IS NOT NULL) = (geometry_kind = 'volume')
        AND (origin_z_mm IS NOT NULL) = (geometry_kind = 'volume')
        AND (row_direction_x IS NOT NULL) = (geometry_kind = 'volume')
        AND (row_direction_y IS NOT NULL) = (geometry_kind = 'volume')
        AND (row_direction_z IS NOT NULL) = (geometry_kind = 'volume')
        AND (column_direction_x IS NOT NULL) = (geometry_kind = 'volume')
        AND (column_direction_y IS NOT NULL) = (geometry_kind = 'volume')
        AND (column_direction_z IS NOT NULL) = (geometry_kind = 'volume')
        AND (slice_direction_x IS NOT NULL) = (geometry_kind = 'volume')
        AND (slice_direction_y IS NOT NULL) = (geometry_kind = 'volume')
        AND (slice_direction_z IS NOT NULL) = (geometry_kind = 'volume')
        AND (slice_spacing_mm IS NOT NULL) = (geometry_kind = 'volume')
    )
);

COMMENT ON TABLE series_volume IS
    'One row per volume of a series that holds several: slices of one matrix, orientation, phase, echo, kernel. A '
    'series that is one volume has none.';
COMMENT ON COLUMN series_volume.patient_id IS 'Patient.';
COMMENT ON COLUMN series_volume.series_id IS 'Series.';
COMMENT ON COLUMN series_volume.volume_index IS 'Place of the volume in the series, 0-based.';
COMMENT ON COLUMN series_volume.first_slice_index IS 'slice_index of its first slice.';
COMMENT ON COLUMN series_volume.slice_count IS 'Number of its slices; they follow each other by slice_index.';
COMMENT ON COLUMN series_volume.traits IS
    'What tells it from the other volumes, as a JSON object in canonical form: name of the trait, value as the source '
    'writes it.';
COMMENT ON COLUMN series_volume.geometry_kind IS
    'volume: parallel equidistant slices with an affine; stack: slices in order without one.';
COMMENT ON COLUMN series_volume.ordering_rule IS
    'What the order of its slices was derived from, the best that all of them have.';
COMMENT ON COLUMN series_volume.origin_x_mm IS
    'Centre of the first voxel, x (towards left), mm, DICOM LPS; NULL unless a volume.';
COMMENT ON COLUMN series_volume.origin_y_mm IS
    'Centre of the first voxel, y (towards posterior), mm, DICOM LPS; NULL unless a volume.';
COMMENT ON COLUMN series_volume.origin_z_mm IS
    'Centre of the first voxel, z (towards superior), mm, DICOM LPS; NULL unless a volume.';
COMMENT ON COLUMN series_volume.row_direction_x IS
    'Unit vector along a row, towards increasing columns: x component, LPS; NULL unless a volume.';
COMMENT ON COLUMN series_volume.row_direction_y IS
    'Unit vector along a row, towards increasing columns: y component, LPS; NULL unless a volume.';
COMMENT ON COLUMN series_volume.row_direction_z IS
    'Unit vector along a row, towards increasing columns: z component, LPS; NULL unless a volume.';
COMMENT ON COLUMN series_volume.column_direction_x IS
    'Unit vector along a column, towards increasing rows: x component, LPS; NULL unless a volume.';
COMMENT ON COLUMN series_volume.column_direction_y IS
    'Unit vector along a column, towards increasing rows: y component, LPS; NULL unless a volume.';
COMMENT ON COLUMN series_volume.column_direction_z IS
    'Unit vector along a column, towards increasing rows: z component, LPS; NULL unless a volume.';
COMMENT ON COLUMN series_volume.slice_direction_x IS
    'Unit vector from slice to slice, towards increasing slice_index: x component, LPS; NULL unless a volume.';
COMMENT ON COLUMN series_volume.slice_direction_y IS
    'Unit vector from slice to slice, towards increasing slice_index: y component, LPS; NULL unless a volume.';
COMMENT ON COLUMN series_volume.slice_direction_z IS
    'Unit vector from slice to slice, towards increasing slice_index: z component, LPS; NULL unless a volume.';
COMMENT ON COLUMN series_volume.column_spacing_mm IS
    'Distance between the centres of neighbouring columns, mm; NULL where unknown.';
COMMENT ON COLUMN series_volume.row_spacing_mm IS
    'Distance between the centres of neighbouring rows, mm; NULL where unknown.';
COMMENT ON COLUMN series_volume.slice_spacing_mm IS
    'Distance between the centres of neighbouring slices, mm; NULL unless a volume.';
