-- Migration 0016: two comments say what is stored
COMMENT ON COLUMN pseudonym_key.fingerprint IS
    'Sixteen hexadecimal digits of a SHA-256 over the key; a run with another key is refused.';
COMMENT ON COLUMN source_file.relative_path IS
    'Path below root, joined by /; one keyed pseudonym of all of it where the dataset is clinical.';
