-- Migration 0018: the unique keys of label are indexes with names
--
-- Only an index with a statement of its own can be taken away and made anew, one sort instead of a search in it for each
-- of millions of rows. The pages of both indexes stay as they are: what changes is their names and the text of the
-- table, as https://www.sqlite.org/lang_altertable.html describes it under "Making Other Kinds Of Table Schema Changes".
PRAGMA writable_schema = ON;

UPDATE sqlite_schema
SET sql = replace(
    sql,
    '    CONSTRAINT label_patient_id_label_source_id_label_id_key UNIQUE (patient_id, label_source_id, label_id),
    CONSTRAINT label_natural_key
        UNIQUE (patient_id, label_source_id, subject_id, label_domain_id, reader_id, occurrence),
',
    '')
WHERE type = 'table' AND name = 'label';

UPDATE sqlite_schema
SET name = 'label_patient_id_label_source_id_label_id_key',
    sql = 'CREATE UNIQUE INDEX label_patient_id_label_source_id_label_id_key
    ON label (patient_id, label_source_id, label_id)'
WHERE type = 'index' AND name = 'sqlite_autoindex_label_1';

UPDATE sqlite_schema
SET name = 'label_natural_key',
    sql = 'CREATE UNIQUE INDEX label_natural_key
    ON label (patient_id, label_source_id, subject_id, label_domain_id, reader_id, occurrence)'
WHERE type = 'index' AND name = 'sqlite_autoindex_label_2';

-- Reads the changed text at once; whoever has the file open sees it with the views, which are made anew after this.
PRAGMA writable_schema = RESET;
