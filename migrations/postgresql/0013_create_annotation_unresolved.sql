-- Migration 0013: where annotations were read, and those whose series is not there yet
--
-- Tables, each with its grain in its comment:
--   annotation_unresolved

ALTER TABLE annotation ADD COLUMN label_source_id bigint;
ALTER TABLE annotation ADD CONSTRAINT annotation_label_source_fk FOREIGN KEY (label_source_id)
    REFERENCES label_source (label_source_id) DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX annotation_label_source_id_index ON annotation (label_source_id) WHERE label_source_id IS NOT NULL;
COMMENT ON COLUMN annotation.label_source_id IS
    'Source it was read from: a table of points, a reader XML; NULL for masks that are images themselves.';

CREATE TABLE annotation_unresolved (
    annotation_unresolved_id bigint NOT NULL,
    dataset_id bigint NOT NULL,
    label_source_id bigint NOT NULL,
    series_key text COLLATE "C" NOT NULL,
    vocabulary text COLLATE "C" NOT NULL,
    mark_count integer NOT NULL,
    contour_count integer NOT NULL,
    content text COLLATE "C" NOT NULL,
    is_clustered boolean NOT NULL,
    reason text COLLATE "C" NOT NULL,
    ingest_run_id bigint NOT NULL,
    CONSTRAINT annotation_unresolved_pkey PRIMARY KEY (annotation_unresolved_id),
    CONSTRAINT annotation_unresolved_label_source_id_series_key_key UNIQUE (label_source_id, series_key),
    CONSTRAINT annotation_unresolved_dataset_fk FOREIGN KEY (dataset_id)
        REFERENCES dataset (dataset_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT annotation_unresolved_label_source_fk FOREIGN KEY (label_source_id)
        REFERENCES label_source (label_source_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT annotation_unresolved_ingest_run_fk FOREIGN KEY (ingest_run_id)
        REFERENCES ingest_run (ingest_run_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT annotation_unresolved_annotation_unresolved_id_check CHECK (annotation_unresolved_id >= 0),
    CONSTRAINT annotation_unresolved_count_check CHECK (mark_count >= 0 AND contour_count >= 0),
    CONSTRAINT annotation_unresolved_reason_check CHECK (reason IN ('series_absent', 'slice_absent'))
);
CREATE INDEX annotation_unresolved_dataset_id_series_key_index ON annotation_unresolved (dataset_id, series_key);

COMMENT ON TABLE annotation_unresolved IS
    'One row per source × series of whose marks some wait: the series, or some of its slices, are not in the '
    'warehouse.';
COMMENT ON COLUMN annotation_unresolved.annotation_unresolved_id IS 'Content key of (source, series key).';
COMMENT ON COLUMN annotation_unresolved.dataset_id IS 'Dataset.';
COMMENT ON COLUMN annotation_unresolved.label_source_id IS 'Where the marks were read.';
COMMENT ON COLUMN annotation_unresolved.series_key IS 'Series Instance UID, or what the source calls the series.';
COMMENT ON COLUMN annotation_unresolved.vocabulary IS
    'Name of the vocabulary that the labels of the marks belong to.';
COMMENT ON COLUMN annotation_unresolved.mark_count IS
    'Marks of the source on this series, those with a place already included.';
COMMENT ON COLUMN annotation_unresolved.contour_count IS
    'Contours that have found their slice; 0 while the series is absent.';
COMMENT ON COLUMN annotation_unresolved.content IS 'All that the source says of the series, as canonical JSON.';
COMMENT ON COLUMN annotation_unresolved.is_clustered IS
    'True where marks of several readers are to be grouped into objects.';
COMMENT ON COLUMN annotation_unresolved.reason IS 'Code of what is missing: series_absent or slice_absent.';
COMMENT ON COLUMN annotation_unresolved.ingest_run_id IS 'Run that stored it.';
