-- Migration 0016: two comments say what is stored
--
-- The text of the tables is changed in place, as in 0015.
PRAGMA writable_schema = ON;

UPDATE sqlite_schema
SET sql = replace(
    sql,
    'SHA-256 of the key in hexadecimal; a run with another key is refused.',
    'Sixteen hexadecimal digits of a SHA-256 over the key; a run with another key is refused.')
WHERE type = 'table' AND name = 'pseudonym_key';

UPDATE sqlite_schema
SET sql = replace(
    sql,
    'Path below root, joined by /; components are keyed pseudonyms where the dataset is clinical.',
    'Path below root, joined by /; one keyed pseudonym of all of it where the dataset is clinical.')
WHERE type = 'table' AND name = 'source_file';

PRAGMA writable_schema = RESET;
