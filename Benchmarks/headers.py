"""Fills a warehouse of either engine with the headers of 100,000 CT slices (no pixels), and times the counting of values.

    python Benchmarks/headers.py --database sqlite:FILE            makes the warehouse, fills it, counts
    python Benchmarks/headers.py --database postgresql://…         the same in PostgreSQL (psql must be on PATH)
    python Benchmarks/headers.py --database … --count-only         counts in a warehouse that was filled before

The headers are synthetic: 1,000 series of 100 slices, 95 attributes common to a series and 16 that differ by slice
(about 1 KiB a slice, as CT scanners write them). Values are the same on every run. SLICEHOUSE names the program.
"""

import argparse
import csv
import hashlib
import json
import os
import random
import sqlite3
import subprocess
import tempfile
import time

PROGRAM = os.environ.get("SLICEHOUSE", os.path.join(os.path.dirname(__file__), "../.build/release/slicehouse"))
SERIES, SLICES = 1000, 100
NOW = "2026-01-02T03:04:05.000006Z"
#: What is counted: one attribute common to series, one that varies in half of them, one that varies in all, a path
#: through a sequence, a private one, a rule over several, a part of a keyword.
COUNTED = [
    "PatientSex", "KVP", "XRayTubeCurrent", "SliceLocation", "SOPInstanceUID",
    "RequestAttributesSequence.ScheduledProcedureStepID", '(0019,"ACME CT",10)',
    "ConvolutionKernel|FilterType|(0018,9315)", "Exposure",
]
VARYING = ["00080018", "00080032", "00080033", "00181151", "00181152", "00200013", "00200032", "00201041", "00280106",
           "00280107", "00281050", "00281051", "00089215", "00191020", "00181153", "00080013"]


def identifier(*parts):
    return int.from_bytes(hashlib.sha256("/".join(map(str, parts)).encode()).digest()[:8], "big") >> 1


def element(vr, *values):
    return {"Value": list(values), "vr": vr} if values else {"vr": vr}


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def common_header(number, chance):
    header = {
        "00080060": element("CS", "CT"),
        "00080070": element("LO", chance.choice(["SIEMENS", "GE MEDICAL SYSTEMS", "Philips", "TOSHIBA"])),
        "00180060": element("DS", chance.choice(["80", "100", "120", "140"])),
        "00190010": element("LO", "ACME CT"), "00191010": element("DS", str(chance.randrange(40))),
        "00400275": element("SQ", {"00400007": element("LO", f"PROTOCOL {chance.randrange(30)}"),
                                   "00400009": element("SH", f"SPS{number % 97}")}),
    }
    if number % 3:
        header["00181210"] = element("SH", chance.choice(["B30f", "B60f", "STANDARD", "FC08", "UB"]))
    elif number % 2:
        header["00181160"] = element("SH", chance.choice(["HEAD FILTER", "BODY FILTER"]))
    if number % 10:
        header["00100040"] = element("CS", *([chance.choice("MF")] if number % 10 > 1 else []))
    header["00080008"] = element("CS", "ORIGINAL", "PRIMARY", "AXIAL")
    for index in range(80):
        header[f"0018{0x9000 + index:04X}"] = element("LO", f"value {chance.randrange(12)} of a technical attribute")
    return header


def slice_header(number, index, chance):
    uid = f"2.25.{identifier('uid', number, index)}{identifier('uid2', number, index)}"
    header = {
        "00080018": element("UI", uid), "00080013": element("TM", f"1200{index % 60:02d}.{chance.randrange(1000):03d}"),
        "00080032": element("TM", f"1200{index % 60:02d}.{chance.randrange(10**6):06d}"),
        "00080033": element("TM", f"1201{index % 60:02d}.{chance.randrange(10**6):06d}"),
        "00089215": element("SQ", {"00080100": element("SH", f"C{index % 7}"), "00080102": element("SH", "DCM"),
                                   "00080104": element("LO", "Multiplanar reformatting")}),
        "00181152": element("IS", str(chance.randrange(50, 400))), "00181153": element("IS", str(chance.randrange(10**5))),
        "00191020": element("DS", f"{index * 0.5}"), "00200013": element("IS", str(index + 1)),
        "00200032": element("DS", "-121.046875", "-250.5", f"{-416 + 2.5 * index}"),
        "00201041": element("DS", f"{-416 + 2.5 * index}"), "00280106": element("SS", -chance.randrange(1024)),
        "00280107": element("SS", chance.randrange(3000)), "00281050": element("DS", "40", str(300 + index)),
        "00281051": element("DS", "80", "1500"),
    }
    if number % 2:
        header["00181151"] = element("IS", str(chance.randrange(100, 500)))
    return header


def flatten(header, prefix=""):
    for tag, attribute in header.items():
        values = attribute.get("Value", [])
        if attribute["vr"] == "SQ":
            for item in values:
                yield from flatten(item, prefix + tag + ".")
        elif values:
            yield prefix + tag, "multi" if len(values) > 1 else "value", "\\".join(map(str, values))
        else:
            yield prefix + tag, "empty", None


def rows():
    """Rows by table, in the order of the foreign keys."""
    dataset = identifier("dataset")
    yield "dataset", (dataset, "synthetic", "", "dicom-folder", "research", NOW)
    yield "ingest_run", (1, NOW, NOW, NOW, "completed", "0", "{}", None, 0, 0, 0, 0, 0, 0, 0)
    digest = hashlib.sha256(b"none").digest()
    for number in range(SERIES):
        chance = random.Random(number)
        patient, study, series = (identifier(kind, number) for kind in ("patient", "study", "series"))
        yield "patient", (patient, dataset, f"P{number:05d}")
        yield "study", (patient, study, "1", None)
        # 34 columns from series_instance_uid on; only what the checks ask for is set.
        yield "series", (patient, series, study, f"series {number}", 0, 1, f"2.25.{series}", "image", "CT", "stack",
                         "image_position", SLICES, "MONOCHROME2") + (None,) * 21 + (True, 1)
        header = common_header(number, chance)
        yield "series_header", (patient, series, canonical(header))
        for path, kind, value in flatten(header):
            yield "header_value", (patient, series, path, 0, kind, value, SLICES)
        yield "header_removed", (patient, series, "00100010", "removed_name", SLICES)
        counts = {}
        for index in range(SLICES):
            slice_id = identifier("slice", number, index)
            source = identifier("source", number, index)
            yield "source_file", (source, "/data", f"P{number:05d}/IM{index:04d}", dataset, 1, 1, 1, digest, "stored",
                                  None, 1, 1)
            yield "slice", (patient, slice_id, series, f"sop:{slice_id}", index, None, None, index + 1, None, 512, 512,
                            1, "i16", 1.0, -1024.0, 40.0, 80.0, -1024.0, 3000.0, 0.0, False, digest)
            yield "slice_source", (patient, slice_id, source, 1, None, None)
            own = slice_header(number, index, chance)
            yield "slice_header", (patient, slice_id, canonical(own))
            for path in own:
                counts[path] = counts.get(path, 0) + 1
        for path, count in counts.items():
            yield "header_varying", (patient, series, path, count)


def fill_sqlite(path):
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous = OFF")
    known = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for table, row in rows():
        if table in known:
            marks = ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO {table} VALUES ({marks})", row)
    connection.commit()
    connection.execute("ANALYZE")
    connection.close()


def fill_postgresql(url):
    with tempfile.TemporaryDirectory() as folder:
        order, files = [], {}
        for table, row in rows():
            if table not in files:
                order.append(table)
                handle = open(f"{folder}/{table}.csv", "w", newline="", encoding="utf-8")
                files[table] = (handle, csv.writer(handle))
            cells = ["\\N" if cell is None else "\\x" + cell.hex() if isinstance(cell, bytes) else cell for cell in row]
            files[table][1].writerow(cells)
        for handle, _ in files.values():
            handle.close()
        script = "SET search_path = slicehouse;\nBEGIN;\n"
        for table in order:
            script += f"\\copy {table} FROM '{folder}/{table}.csv' (FORMAT csv, NULL '\\N')\n"
        script += "COMMIT;\nVACUUM ANALYZE;\n"
        subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", url], input=script, text=True, check=True)


def count(url, runs):
    for name in COUNTED:
        seconds = []
        for _ in range(runs):
            start = time.perf_counter()
            subprocess.run([PROGRAM, "domains", "--attribute", name, "--database", url], check=True,
                           stdout=subprocess.DEVNULL)
            seconds.append(time.perf_counter() - start)
        print(f"{min(seconds):7.3f} s  {name}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", required=True)
    parser.add_argument("--count-only", action="store_true")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    if not options.count_only:
        subprocess.run([PROGRAM, "migrate", "--database", options.database], check=True, stdout=subprocess.DEVNULL)
        if options.database.startswith("sqlite:"):
            fill_sqlite(options.database.removeprefix("sqlite:"))
        else:
            fill_postgresql(options.database)
    count(options.database, options.runs)


if __name__ == "__main__":
    main()
