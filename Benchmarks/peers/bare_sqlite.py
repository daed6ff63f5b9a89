"""Inserts of pixels that are compressed already into an SQLite file, with the same pragmas and nothing else."""

import sqlite3
import struct

from measure import Contender, timed

TABLE = """
    CREATE TABLE slice_pixels (
        patient_id INTEGER NOT NULL, slice_id INTEGER NOT NULL, tile_index INTEGER NOT NULL,
        first_row INTEGER NOT NULL, row_count INTEGER NOT NULL, encoding TEXT NOT NULL, bytes BLOB NOT NULL,
        PRIMARY KEY (patient_id, slice_id, tile_index)) STRICT
"""
PRAGMAS = ("page_size = 16384", "journal_mode = WAL", "synchronous = NORMAL", "wal_autocheckpoint = 4096")
PER_TRANSACTION = 256
HEAD = struct.Struct("<qqiiiii")


def export(database, path):
    """Writes the pixel rows that an ingest stored as one file of lengths and values."""
    with sqlite3.connect(database) as connection, path.open("wb") as file:
        for row in connection.execute(
                "SELECT patient_id, slice_id, tile_index, first_row, row_count, encoding, bytes FROM slice_pixels"):
            encoding = row[5].encode()
            file.write(HEAD.pack(*row[:5], len(encoding), len(row[6])) + encoding + row[6])


def rows(path):
    with path.open("rb") as file:
        while head := file.read(HEAD.size):
            *numbers, name_length, byte_count = HEAD.unpack(head)
            yield (*numbers, file.read(name_length).decode(), file.read(byte_count))


def insert(path, database):
    connection = sqlite3.connect(database, isolation_level=None)
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(TABLE)
    statement = "INSERT INTO slice_pixels VALUES (?, ?, ?, ?, ?, ?, ?)"
    connection.execute("BEGIN IMMEDIATE")
    for index, row in enumerate(rows(path), start=1):
        connection.execute(statement, row)
        if index % PER_TRANSACTION == 0:
            connection.execute("COMMIT")
            connection.execute("BEGIN IMMEDIATE")
    connection.execute("COMMIT")
    # Folds the log into the file, as the end of an ingest does.
    connection.close()


def contender(path, database, count):
    def remove():
        for suffix in ("", "-wal", "-shm"):
            database.with_name(database.name + suffix).unlink(missing_ok=True)

    def check():
        with sqlite3.connect(database) as connection:
            assert connection.execute("SELECT count(*) FROM slice_pixels").fetchone()[0] == count

    return Contender(
        "bare sqlite3 inserts, pixels compressed beforehand", "peers/bare_sqlite.py (256 rows per transaction)",
        lambda: timed(lambda: insert(path, database)), remove, check, remove)
