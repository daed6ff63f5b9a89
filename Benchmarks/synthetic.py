"""Rows without pixels, written straight into a warehouse of either engine, for benchmarks of what reads them.

A row is a table's name and a dictionary of its columns; a table comes before those that refer to it.
"""

import csv
import hashlib
import os
import sqlite3
import subprocess
import tempfile

PROGRAM = os.environ.get("SLICEHOUSE", os.path.join(os.path.dirname(__file__), "../.build/release/slicehouse"))
NOW = "2026-01-02T03:04:05.000006Z"
DIGEST = hashlib.sha256(b"none").digest()


def identifier(*parts):
    return int.from_bytes(hashlib.sha256("/".join(map(str, parts)).encode()).digest()[:8], "big") >> 1


def series(patient, series, study, number, count):
    return {"patient_id": patient, "series_id": series, "study_id": study, "series_key": f"series {number}",
            "series_instance_uid": f"2.25.{series}", "role": "image", "modality": "CT", "geometry_kind": "stack",
            "ordering_rule": "image_position", "slice_count": count, "is_trainable": True, "ingest_run_id": 1}


def image(patient, slice_id, series, index, uid):
    return {"patient_id": patient, "slice_id": slice_id, "series_id": series, "slice_key": f"sop:{uid}",
            "slice_index": index, "sop_instance_uid": uid, "instance_number": index + 1, "rows": 512, "columns": 512,
            "samples_per_pixel": 1, "pixel_type": "i16", "rescale_slope": 1.0, "rescale_intercept": -1024.0,
            "minimum": -1024.0, "maximum": 3000.0, "mean": 0.0, "is_blank": False, "pixel_digest": DIGEST}


def fill(url, rows):
    """Makes the schema, if need be, and adds the rows."""
    subprocess.run([PROGRAM, "migrate", "--database", url], check=True, stdout=subprocess.DEVNULL)
    if url.startswith("sqlite:"):
        fill_sqlite(url.removeprefix("sqlite:"), rows)
    else:
        fill_postgresql(url, rows)


def fill_sqlite(path, rows):
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -500000")
    for table, row in rows:
        marks = ", ".join("?" * len(row))
        connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))
    connection.commit()
    connection.execute("ANALYZE")
    connection.close()


def fill_postgresql(url, rows):
    with tempfile.TemporaryDirectory() as folder:
        files = {}
        for table, row in rows:
            if table not in files:
                handle = open(f"{folder}/{table}.csv", "w", newline="", encoding="utf-8")
                files[table] = (handle, csv.writer(handle), list(row))
            cells = ["\\N" if cell is None else "\\x" + cell.hex() if isinstance(cell, bytes) else cell
                     for cell in row.values()]
            files[table][1].writerow(cells)
        script = "SET search_path = slicehouse;\nBEGIN;\n"
        for table, (handle, _, columns) in files.items():
            handle.close()
            script += f"\\copy {table} ({', '.join(columns)}) FROM '{folder}/{table}.csv' (FORMAT csv, NULL '\\N')\n"
        script += "COMMIT;\nVACUUM ANALYZE;\n"
        subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", url], input=script, text=True, check=True)
