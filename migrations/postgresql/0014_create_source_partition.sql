-- Migration 0014: large sources of labels get partitions of their own
--
-- Functions:
--   begin_source_partition, end_source_partition
--
-- label_unresolved becomes a partitioned table, as label and label_value are. A partition is filled without indexes
-- and foreign keys, which are made over all its rows when it is attached. Both functions run with the rights of the
-- owner, since a loader may not create tables; they touch only the three tables that are named here.

ALTER TABLE label_unresolved RENAME TO label_unresolved_default;
ALTER TABLE label_unresolved_default DROP CONSTRAINT label_unresolved_pkey;
DROP INDEX label_unresolved_dataset_id_patient_key_index;
DROP INDEX label_unresolved_sop_instance_uid_index;
DROP INDEX label_unresolved_label_source_id_index;

CREATE TABLE label_unresolved (
    LIKE label_unresolved_default INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING COMMENTS
) PARTITION BY LIST (label_source_id);
COMMENT ON TABLE label_unresolved IS
    'One row per assertion whose image is not in the warehouse; it becomes a label when the image '
    'arrives.';
ALTER TABLE label_unresolved_default DROP CONSTRAINT label_unresolved_dataset_fk;
ALTER TABLE label_unresolved_default DROP CONSTRAINT label_unresolved_label_source_fk;
ALTER TABLE label_unresolved_default DROP CONSTRAINT label_unresolved_label_domain_fk;
ALTER TABLE label_unresolved_default DROP CONSTRAINT label_unresolved_reader_fk;
ALTER TABLE label_unresolved_default DROP CONSTRAINT label_unresolved_source_file_fk;
ALTER TABLE label_unresolved_default DROP CONSTRAINT label_unresolved_ingest_run_fk;
ALTER TABLE label_unresolved ATTACH PARTITION label_unresolved_default DEFAULT;
ALTER TABLE label_unresolved
    ADD CONSTRAINT label_unresolved_pkey PRIMARY KEY (label_source_id, label_unresolved_id),
    ADD CONSTRAINT label_unresolved_dataset_fk FOREIGN KEY (dataset_id)
        REFERENCES dataset (dataset_id) DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT label_unresolved_label_source_fk FOREIGN KEY (label_source_id)
        REFERENCES label_source (label_source_id) DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT label_unresolved_label_domain_fk FOREIGN KEY (label_domain_id)
        REFERENCES label_domain (label_domain_id) DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT label_unresolved_reader_fk FOREIGN KEY (reader_id)
        REFERENCES reader (reader_id) DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT label_unresolved_source_file_fk FOREIGN KEY (source_file_id)
        REFERENCES source_file (source_file_id) DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT label_unresolved_ingest_run_fk FOREIGN KEY (ingest_run_id)
        REFERENCES ingest_run (ingest_run_id) DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX label_unresolved_dataset_id_patient_key_index ON label_unresolved (dataset_id, patient_key);
CREATE INDEX label_unresolved_sop_instance_uid_index
    ON label_unresolved (sop_instance_uid) WHERE sop_instance_uid IS NOT NULL;

CREATE FUNCTION begin_source_partition(parent text, source bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    child CONSTANT text := parent || '_' || source;
BEGIN
    IF parent NOT IN ('label', 'label_value', 'label_unresolved') THEN
        RAISE EXCEPTION 'The table % has no partitions by source.', parent USING ERRCODE = 'invalid_parameter_value';
    END IF;
    EXECUTE format(
        'CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING CONSTRAINTS INCLUDING STORAGE, '
            'CONSTRAINT source_partition_check CHECK (label_source_id = %s))',
        child, parent, source);
    -- Whoever fills it may not be a member of the loaders' role.
    EXECUTE format('GRANT SELECT, INSERT ON %I TO %I', child, session_user);
    RETURN child;
END
$$;

CREATE FUNCTION end_source_partition(parent text, source bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
SET maintenance_work_mem = '256MB' AS $$
DECLARE
    child CONSTANT text := parent || '_' || source;
BEGIN
    IF parent NOT IN ('label', 'label_value', 'label_unresolved') THEN
        RAISE EXCEPTION 'The table % has no partitions by source.', parent USING ERRCODE = 'invalid_parameter_value';
    END IF;
    EXECUTE format('ANALYZE %I', child);
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES IN (%s)', parent, child, source);
    EXECUTE format('ALTER TABLE %I DROP CONSTRAINT source_partition_check', child);
END
$$;

COMMENT ON FUNCTION begin_source_partition(text, bigint) IS
    'Makes an empty table beside label, label_value or label_unresolved for the rows of one source; returns its name.';
COMMENT ON FUNCTION end_source_partition(text, bigint) IS
    'Makes the indexes and checks the foreign keys of such a table, which becomes a partition.';

REVOKE EXECUTE ON FUNCTION begin_source_partition(text, bigint) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION end_source_partition(text, bigint) FROM PUBLIC;
DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['slicehouse_owner', 'slicehouse_loader'] LOOP
        IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = role_name) THEN
            EXECUTE format('GRANT EXECUTE ON FUNCTION begin_source_partition(text, bigint) TO %I', role_name);
            EXECUTE format('GRANT EXECUTE ON FUNCTION end_source_partition(text, bigint) TO %I', role_name);
        END IF;
    END LOOP;
END
$$;
