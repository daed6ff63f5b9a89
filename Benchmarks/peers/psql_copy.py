"""`psql \\copy` of pixels that are compressed already: what the server can take, and the measure of an ingest."""

import psycopg

import server
from measure import Contender, execute

TABLE = """
    CREATE TABLE slice_pixels (
        patient_id bigint, slice_id bigint, tile_index int, first_row int, row_count int, encoding text, bytes bytea,
        PRIMARY KEY (patient_id, slice_id, tile_index));
    ALTER TABLE slice_pixels ALTER COLUMN bytes SET STORAGE EXTERNAL
"""


def export(database, path):
    """Writes the pixel rows that an ingest stored as a file for COPY BINARY."""
    with psycopg.connect(server.url(database)) as connection, path.open("wb") as file:
        columns = ", ".join(f"{name}::{kind}" for name, kind in (
            ("patient_id", "bigint"), ("slice_id", "bigint"), ("tile_index", "int"), ("first_row", "int"),
            ("row_count", "int"), ("encoding", "text"), ("bytes", "bytea")))
        query = f"COPY (SELECT {columns} FROM slicehouse.slice_pixels) TO STDOUT (FORMAT binary)"
        with connection.cursor().copy(query) as rows:
            for block in rows:
                file.write(block)


def contender(path, count):
    """One COPY into one table with its key and nothing else: no partitions, no foreign key, no other table."""
    state = {}

    def prepare():
        state["database"] = server.create()
        with psycopg.connect(server.url(state["database"])) as connection:
            connection.execute(TABLE)

    def act():
        return execute([
            "psql", "-q", "-v", "ON_ERROR_STOP=1", server.url(state["database"]), "-c",
            rf"\copy slice_pixels FROM '{path}' (FORMAT binary)"])

    def check():
        assert server.scalar(state["database"], "SELECT count(*) FROM slice_pixels") == count

    return Contender(
        "psql `\\copy`, pixels compressed beforehand", r"psql -c '\copy slice_pixels FROM pixels.bin (FORMAT binary)'",
        act, prepare, check, lambda: server.drop(state["database"]))
