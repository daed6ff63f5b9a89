-- Migration 0012: which version of a file a slice was read from
--
-- Tables, each with its grain in its comment:
--   slice_source, series_source
--
-- A file may be replaced in place, and source_file then tells of the new one. The digest beside the link says which
-- bytes the pixels came from. What is stored already has the digest that source_file has now.

-- SHA-256 of the file when the slice was read from it; differs from source_file.sha256 once the file was replaced
-- in place.
ALTER TABLE slice_source
    ADD COLUMN sha256 BLOB CONSTRAINT slice_source_sha256_check CHECK (length(sha256) = 32);
-- SHA-256 of the file when the object was read from it, as in slice_source.
ALTER TABLE series_source
    ADD COLUMN sha256 BLOB CONSTRAINT series_source_sha256_check CHECK (length(sha256) = 32);

UPDATE slice_source SET sha256 = (
    SELECT source_file.sha256 FROM source_file WHERE source_file.source_file_id = slice_source.source_file_id
);
UPDATE series_source SET sha256 = (
    SELECT source_file.sha256 FROM source_file WHERE source_file.source_file_id = series_source.source_file_id
);
