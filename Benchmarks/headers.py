"""Fills a warehouse of either engine with the headers of 100,000 CT slices (no pixels), and times the counting of values.

    python Benchmarks/headers.py --database sqlite:FILE            makes the warehouse, fills it, counts
    python Benchmarks/headers.py --database postgresql://…         the same in PostgreSQL (psql must be on PATH)
    python Benchmarks/headers.py --database … --count-only         counts in a warehouse that was filled before

The headers are synthetic: 1,000 series of 100 slices, 95 attributes common to a series and 16 that differ by slice
(about 1 KiB a slice, as CT scanners write them). Values are the same on every run. SLICEHOUSE names the program.
"""

import argparse
import json
import random
import subprocess
import time

import synthetic
from synthetic import identifier

SERIES, SLICES = 1000, 100
#: What is counted: one attribute common to series, one that varies in half of them, one that varies in all, a path
#: through a sequence, a private one, a rule over several, a part of a keyword.
COUNTED = [
    "PatientSex", "KVP", "XRayTubeCurrent", "SliceLocation", "SOPInstanceUID",
    "RequestAttributesSequence.ScheduledProcedureStepID", '(0019,"ACME CT",10)',
    "ConvolutionKernel|FilterType|(0018,9315)", "Exposure",
]
VARYING = ["00080018", "00080032", "00080033", "00181151", "00181152", "00200013", "00200032", "00201041", "00280106",
           "00280107", "00281050", "00281051", "00089215", "00191020", "00181153", "00080013"]


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
    yield "dataset", {"dataset_id": dataset, "name": "synthetic", "version": "", "adapter": "dicom-folder",
                      "patient_key_kind": "research", "created_at": synthetic.NOW}
    yield "ingest_run", {"ingest_run_id": 1, "started_at": synthetic.NOW, "finished_at": synthetic.NOW,
                         "heartbeat_at": synthetic.NOW, "status": "completed", "slicehouse_version": "0",
                         "options": "{}"}
    for number in range(SERIES):
        chance = random.Random(number)
        patient, study, series = (identifier(kind, number) for kind in ("patient", "study", "series"))
        place = {"patient_id": patient, "series_id": series}
        yield "patient", {"patient_id": patient, "dataset_id": dataset, "patient_key": f"P{number:05d}"}
        yield "study", {"patient_id": patient, "study_id": study, "study_key": "1"}
        yield "series", synthetic.series(patient, series, study, number, SLICES)
        header = common_header(number, chance)
        yield "series_header", place | {"header": canonical(header)}
        for path, kind, value in flatten(header):
            yield "header_value", place | {"path": path, "value_class": kind, "value": value, "slice_count": SLICES}
        yield "header_removed", place | {"path": "00100010", "action": "removed_name", "removed_count": SLICES}
        for index in range(SLICES):
            yield from slice_rows(dataset, place, number, index, chance)


def slice_rows(dataset, place, number, index, chance):
    slice_id, source = identifier("slice", number, index), identifier("source", number, index)
    own = slice_header(number, index, chance)
    uid = own["00080018"]["Value"][0]
    yield "source_file", {"source_file_id": source, "root": "/data", "relative_path": f"P{number:05d}/IM{index:04d}",
                          "dataset_id": dataset, "size_bytes": 1, "mtime_ns": 1, "ctime_ns": 1,
                          "sha256": synthetic.DIGEST, "outcome": "stored", "first_ingest_run_id": 1,
                          "ingest_run_id": 1}
    yield "slice", synthetic.image(place["patient_id"], slice_id, place["series_id"], index, uid)
    yield "slice_source", {"patient_id": place["patient_id"], "slice_id": slice_id, "source_file_id": source,
                           "frame_number": 1}
    yield "slice_header", {"patient_id": place["patient_id"], "slice_id": slice_id, "header": canonical(own)}
    for path, kind, value in flatten(own):
        yield "header_slice_value", place | {"slice_id": slice_id, "path": path, "value_class": kind, "value": value}


def count(url, runs):
    for name in COUNTED:
        seconds = []
        for _ in range(runs):
            start = time.perf_counter()
            subprocess.run([synthetic.PROGRAM, "domains", "--attribute", name, "--database", url], check=True,
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
        synthetic.fill(options.database, rows())
    count(options.database, options.runs)


if __name__ == "__main__":
    main()
