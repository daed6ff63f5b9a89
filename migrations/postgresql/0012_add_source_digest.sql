-- Migration 0012: which version of a file a slice was read from
--
-- Tables, each with its grain in its comment:
--   slice_source, series_source
--
-- A file may be replaced in place, and source_file then tells of the new one. The digest beside the link says which
-- bytes the pixels came from. What is stored already has the digest that source_file has now.

ALTER TABLE slice_source
    ADD COLUMN sha256 bytea CONSTRAINT slice_source_sha256_check CHECK (octet_length(sha256) = 32);
ALTER TABLE series_source
    ADD COLUMN sha256 bytea CONSTRAINT series_source_sha256_check CHECK (octet_length(sha256) = 32);

UPDATE slice_source SET sha256 = source_file.sha256
FROM source_file WHERE source_file.source_file_id = slice_source.source_file_id;
UPDATE series_source SET sha256 = source_file.sha256
FROM source_file WHERE source_file.source_file_id = series_source.source_file_id;

COMMENT ON COLUMN slice_source.sha256 IS
    'SHA-256 of the file when the slice was read from it; differs from source_file.sha256 once the file was '
    'replaced in place.';
COMMENT ON COLUMN series_source.sha256 IS
    'SHA-256 of the file when the object was read from it, as in slice_source.';
COMMENT ON COLUMN rejection.replayed_at IS
    'When a later run read the file again, UTC: it was taken, or has a newer rejection; NULL while this one stands.';
COMMENT ON COLUMN label_source.is_active IS
    'Whether its labels count; false once the file that held the table holds another version of it.';
