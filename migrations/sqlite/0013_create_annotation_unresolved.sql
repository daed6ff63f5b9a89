-- Migration 0013: where annotations were read, and those whose series is not there yet
--
-- Tables, each with its grain in its comment:
--   annotation_unresolved

-- Source it was read from: a table of points, a reader XML; NULL for masks that are images themselves.
ALTER TABLE annotation ADD COLUMN label_source_id INTEGER
    CONSTRAINT annotation_label_source_fk REFERENCES label_source (label_source_id) DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX annotation_label_source_id_index ON annotation (label_source_id) WHERE label_source_id IS NOT NULL;

-- One row per source × series of whose marks some wait: the series, or some of its slices, are not in the warehouse.
CREATE TABLE annotation_unresolved (
    -- Content key of (source, series key).
    annotation_unresolved_id INTEGER PRIMARY KEY,
    -- Dataset.
    dataset_id INTEGER NOT NULL,
    -- Where the marks were read.
    label_source_id INTEGER NOT NULL,
    -- Series Instance UID, or what the source calls the series.
    series_key TEXT NOT NULL,
    -- Name of the vocabulary that the labels of the marks belong to.
    vocabulary TEXT NOT NULL,
    -- Marks of the source on this series, those with a place already included.
    mark_count INTEGER NOT NULL,
    -- Contours that have found their slice; 0 while the series is absent.
    contour_count INTEGER NOT NULL,
    -- All that the source says of the series, as canonical JSON.
    content TEXT NOT NULL,
    -- True where marks of several readers are to be grouped into objects.
    is_clustered INTEGER NOT NULL,
    -- Code of what is missing: series_absent or slice_absent.
    reason TEXT NOT NULL,
    -- Run that stored it.
    ingest_run_id INTEGER NOT NULL,
    CONSTRAINT annotation_unresolved_label_source_id_series_key_key UNIQUE (label_source_id, series_key),
    CONSTRAINT annotation_unresolved_dataset_fk FOREIGN KEY (dataset_id)
        REFERENCES dataset (dataset_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT annotation_unresolved_label_source_fk FOREIGN KEY (label_source_id)
        REFERENCES label_source (label_source_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT annotation_unresolved_ingest_run_fk FOREIGN KEY (ingest_run_id)
        REFERENCES ingest_run (ingest_run_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT annotation_unresolved_annotation_unresolved_id_check CHECK (annotation_unresolved_id >= 0),
    CONSTRAINT annotation_unresolved_count_check CHECK (mark_count >= 0 AND contour_count >= 0),
    CONSTRAINT annotation_unresolved_is_clustered_check CHECK (is_clustered IN (0, 1)),
    CONSTRAINT annotation_unresolved_reason_check CHECK (reason IN ('series_absent', 'slice_absent'))
) STRICT;
CREATE INDEX annotation_unresolved_dataset_id_series_key_index ON annotation_unresolved (dataset_id, series_key);
