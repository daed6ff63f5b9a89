"""pydicom and psycopg: the loader a Python programmer would write, done well.

Two processes, each with its own share of the files; blosc LZ4 with the same parameters, headers as DICOM JSON, SHA-256
of file and pixels, minimum, maximum and mean; COPY BINARY of 256 slices per transaction. As a program:

    python pydicom_copy.py URL PROCESSES < list-of-files
"""

import hashlib
import json
import multiprocessing
import sys
from pathlib import Path

TABLES = """
    CREATE TABLE slice (
        sop_uid text PRIMARY KEY, series_uid text NOT NULL, study_uid text NOT NULL, patient_id text, rows int,
        columns int, minimum float8, maximum float8, mean float8, file_sha256 bytea, pixel_sha256 bytea, header jsonb);
    CREATE TABLE slice_pixels (sop_uid text PRIMARY KEY, bytes bytea);
    ALTER TABLE slice_pixels ALTER COLUMN bytes SET STORAGE EXTERNAL
"""
SLICE_TYPES = (
    "text", "text", "text", "text", "int4", "int4", "float8", "float8", "float8", "bytea", "bytea", "jsonb")
PER_TRANSACTION = 256


def slice_rows(path, codec):
    """The two rows of one file, or None where it holds no pixels."""
    import io

    import pydicom

    content = Path(path).read_bytes()
    try:
        dataset = pydicom.dcmread(io.BytesIO(content))
        pixels = dataset.pixel_array
    except Exception:
        return None
    header = dataset.to_json_dict(bulk_data_threshold=1024, bulk_data_element_handler=lambda element: "")
    header.pop("7FE00010", None)
    uid = str(dataset.SOPInstanceUID)
    row = (
        uid, str(dataset.SeriesInstanceUID), str(dataset.StudyInstanceUID), str(dataset.get("PatientID", "")),
        pixels.shape[0], pixels.shape[1], float(pixels.min()), float(pixels.max()), float(pixels.mean()),
        hashlib.sha256(content).digest(), hashlib.sha256(pixels.tobytes()).digest(), json.dumps(header))
    return row, (uid, codec.encode(pixels))


def load(url, paths):
    import numcodecs
    import numcodecs.blosc
    import psycopg

    numcodecs.blosc.use_threads = False
    codec = numcodecs.Blosc(cname="lz4", clevel=5, shuffle=numcodecs.Blosc.SHUFFLE, blocksize=32768)
    with psycopg.connect(url) as connection:
        for start in range(0, len(paths), PER_TRANSACTION):
            slices = []
            with connection.cursor().copy("COPY slice_pixels FROM STDIN (FORMAT binary)") as copy:
                copy.set_types(("text", "bytea"))
                for path in paths[start:start + PER_TRANSACTION]:
                    rows = slice_rows(path, codec)
                    if rows:
                        slices.append(rows[0])
                        copy.write_row(rows[1])
            with connection.cursor().copy("COPY slice FROM STDIN (FORMAT binary)") as copy:
                copy.set_types(SLICE_TYPES)
                for row in slices:
                    copy.write_row(row)
            connection.commit()


def contender(corpus, list_path, count, processes=2):
    import psycopg

    import server
    from measure import Contender, execute

    state = {}

    def prepare():
        list_path.write_text("\n".join(map(str, corpus.files)))
        state["database"] = server.create()
        with psycopg.connect(server.url(state["database"])) as connection:
            connection.execute(TABLES)

    def act():
        return execute([sys.executable, "-B", __file__, server.url(state["database"]), processes, list_path])

    def check():
        assert server.scalar(state["database"], "SELECT count(*) FROM slice_pixels") == count

    return Contender(
        f"pydicom + psycopg COPY BINARY, {processes} processes", "python peers/pydicom_copy.py URL 2 files.txt", act,
        prepare, check, lambda: server.drop(state["database"]))


def main(url, processes, list_path):
    files = Path(list_path).read_text().splitlines()
    workers = [
        multiprocessing.Process(target=load, args=(url, files[index::processes])) for index in range(processes)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    sys.exit(max(worker.exitcode for worker in workers))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
