-- Migration 0011: the volumes of a series that holds several
--
-- Tables, each with its grain in its comment:
--   series_volume
--
-- Scanners put several volumes into one series: two matrices, phases, echoes, kernels. Its slices are ordered volume by
-- volume, and each volume has the geometry that a series of one volume has in its own row.

-- One row per volume of a series that holds several: slices of one matrix, orientation, phase, echo, kernel. A series
-- that is one volume has none.
CREATE TABLE series_volume (
    -- Patient.
    patient_id INTEGER NOT NULL,
    -- Series.
    series_id INTEGER NOT NULL,
    -- Place of the volume in the series, 0-based.
    volume_index INTEGER NOT NULL,
    -- slice_index of its first slice.
    first_slice_index INTEGER NOT NULL,
    -- Number of its slices; they follow each other by slice_index.
    slice_count INTEGER NOT NULL,
    -- What tells it from the other volumes, as a JSON object in canonical form: name of the trait, value as the source
    -- writes it.
    traits TEXT NOT NULL,
    -- volume: parallel equidistant slices with an affine; stack: slices in order without one.
    geometry_kind TEXT NOT NULL,
    -- What the order of its slices was derived from, the best that all of them have.
    ordering_rule TEXT NOT NULL,
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
    CONSTRAINT series_volume_pkey PRIMARY KEY (series_id, volume_index),
    CONSTRAINT series_volume_series_fk FOREIGN KEY (patient_id, series_id)
        REFERENCES series (patient_id, series_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT series_volume_volume_index_check CHECK (volume_index >= 0 AND first_slice_index >= 0),
    CONSTRAINT series_volume_slice_count_check CHECK (slice_count >= 1),
    CONSTRAINT series_volume_traits_check CHECK (json_valid(traits)),
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
) STRICT, WITHOUT ROWID;
CREATE INDEX series_volume_patient_id_series_id_index ON series_volume (patient_id, series_id);
