"""Warehouses of a small synthetic cohort in both engines, and training sets written by SQL.

The program named by SLICEHOUSE_PROGRAM (default .build/release/slicehouse) makes and ingests the cohort; PostgreSQL is
tested where SLICEHOUSE_TEST_POSTGRESQL names a server (Tests/throwaway-postgresql).
"""

import hashlib
import json
import os
import pathlib
import sqlite3
import subprocess
import tempfile
import uuid

import numpy as np
import slicehouse

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("SLICEHOUSE_PROGRAM", str(ROOT / ".build/release/slicehouse"))
SERVER = os.environ.get("SLICEHOUSE_TEST_POSTGRESQL")
ENGINES = ["sqlite"] + ["postgresql"] * bool(SERVER)
MATRIX = 128


def run(*arguments):
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True)
    if done.returncode not in (0, 65):
        raise RuntimeError(done.stderr)
    return done.stdout


def make_cohort(folder, patients=6):
    run("phantom", "physionet-ich", f"{folder}/cohort", "--patients", str(patients), "--tree", "nifti", "--matrix", str(MATRIX))
    return pathlib.Path(folder) / "cohort"


def literal(value, is_server):
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"'\\x{value.hex()}'" if is_server else f"X'{value.hex()}'"
    if isinstance(value, (dict, list)):
        value = json.dumps(value, sort_keys=True, separators=(",", ":"))
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return repr(value)


class TestWarehouse:
    """One warehouse, to be filled."""

    __test__ = False

    def __init__(self, engine, folder):
        self.engine = engine
        self.path = f"{folder}/{uuid.uuid4().hex}.sqlite"
        self.schema = "t_" + uuid.uuid4().hex
        self.url = f"sqlite:{self.path}" if engine == "sqlite" else f"{SERVER}&schema={self.schema}"

    def execute(self, statements):
        text = ";\n".join(["BEGIN", *statements, "COMMIT"]) + ";"
        if self.engine == "sqlite":
            with sqlite3.connect(self.path) as connection:
                connection.executescript(text)
            connection.close()
            return
        server = self.url.split("&schema=")[0]
        done = subprocess.run(
            ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", server], input=f"SET search_path TO {self.schema};\n{text}",
            text=True, capture_output=True)  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stderr)

    def insert(self, table, rows):
        is_server = self.engine == "postgresql"
        for start in range(0, len(rows), 200):
            part = rows[start:start + 200]
            values = ",".join("(" + ",".join(literal(v, is_server) for v in row.values()) + ")" for row in part)
            yield f"INSERT INTO {table} ({','.join(part[0])}) VALUES {values}"

    def slices(self):
        """The slices of image series: a list of dictionaries in order of content key."""
        table = slicehouse.open(self.url).sql(
            """
            SELECT s.patient_id, p.patient_key, s.series_id, s.slice_id, s.slice_index, s.pixel_digest, e.slice_count
            FROM slice AS s JOIN series AS e ON e.patient_id = s.patient_id AND e.series_id = s.series_id
            JOIN patient AS p ON p.patient_id = s.patient_id
            WHERE e.role = 'image' ORDER BY s.patient_id, s.series_id, s.slice_id
            """)
        rows = [dict(zip(table.names, row)) for row in table.rows()]
        marks = slicehouse.open(self.url).sql(
            "SELECT slice_id, annotation_id, rle FROM annotation_mask ORDER BY annotation_id")
        for row in rows:
            own = [(str(a), bytes(runs)) for s, a, runs in marks.rows() if s == row["slice_id"]]
            row["annotations"] = [a for a, _ in own]
            row["runs"] = b"".join(runs for _, runs in own)
        return rows

    def drop(self):
        if self.engine == "postgresql":
            server = self.url.split("&schema=")[0]
            subprocess.run(["psql", "-X", "-q", server, "-c", f"DROP SCHEMA {self.schema} CASCADE"], capture_output=True)


def target_digest(slices, target, target_kind):
    """As docs/formats.md has it: of a mask over the runs of each slice that it is of, of all else over the canonical JSON."""
    if target_kind == "mask":
        digests = [hashlib.sha256(s["runs"]).digest() for s in slices]
        return digests[0] if len(digests) == 1 else hashlib.sha256(b"".join(digests)).digest()

    def plain(value):  # RFC 8785 writes 2.0 as 2
        if isinstance(value, list):
            return [plain(v) for v in value]
        return int(value) if isinstance(value, float) and value.is_integer() else value

    return hashlib.sha256(json.dumps(plain(target), separators=(",", ":")).encode()).digest()


def freeze(
    warehouse, name, recipe, samples, *, sample_kind="slice", target_kind="mask", parameters=None, plan=None,
    class_weights=None, empty_folds=()
):  # fmt: skip
    """Writes a training set. A sample is a dictionary with `slices` (rows of `slices()`), and perhaps `centre`
    (column, row, slice), `target`, `weight`, `fold`; `frozen` is the target of the digest, where that is another."""
    set_id, split_id, recipe_id = (uuid.uuid4().int >> 65 for _ in range(3))
    canonical = slicehouse.Recipe(recipe).json
    instant = "2026-01-01T00:00:00.000000Z"
    patients = {}
    for number, sample in enumerate(samples):
        patients[sample["slices"][0]["patient_id"]] = sample.get("fold", "train")
    folds = sorted({*patients.values(), *empty_folds})
    recipe_digest = hashlib.sha256(canonical.encode() + set_id.to_bytes(8, "big")).digest()
    rows = {
        "recipe": [dict(recipe_id=recipe_id, kind="sample", canonical_json=canonical, sha256=recipe_digest, created_at=instant)],
        "split": [dict(split_id=split_id, name=f"split-{split_id}", method="hash", seed=0, parameters={}, created_at=instant)],
        "split_fold": [dict(split_id=split_id, fold=fold, fold_index=i) for i, fold in enumerate(folds)],
        "split_unit": [dict(split_id=split_id, unit_key=str(p), fold=f) for p, f in patients.items()],
        "split_assignment": [dict(patient_id=p, split_id=split_id, unit_key=str(p), fold=f) for p, f in patients.items()],
        "training_set": [dict(
            training_set_id=set_id, name=name, version=1, split_id=split_id, recipe_id=recipe_id, query="SELECT 1",
            parameters=parameters or {}, sample_kind=sample_kind, target_kind=target_kind, sampling_plan=plan, class_weights=class_weights,
            sample_count=len(samples), digest=bytes(32), created_at=instant)],
        "training_sample": [], "training_sample_slice": [],
    }  # fmt: skip
    for number, sample in enumerate(samples):
        slices, target = sample["slices"], sample.get("target")
        # Where slices are channels, the mask is of the middle one.
        shown = [slices[len(slices) // 2]] if (parameters or {}).get("target", {}).get("slices") == "middle" else slices
        if target_kind == "mask":
            target = sorted({a for s in shown for a in s["annotations"]}, key=int)
        centre = sample.get("centre", (None, None, None))
        middle = None if sample_kind == "volume" else slices[len(slices) // 2]["slice_id"]
        digests = [s["pixel_digest"] for s in slices]
        digest = digests[0] if sample_kind in ("slice", "image") else hashlib.sha256(b"".join(digests)).digest()
        rows["training_sample"].append(dict(
            training_set_id=set_id, sample_number=number, split_id=split_id, patient_id=slices[0]["patient_id"],
            fold=patients[slices[0]["patient_id"]], series_id=slices[0]["series_id"], slice_id=middle,
            centre_column=centre[0], centre_row=centre[1], centre_slice=centre[2], pixel_digest=digest,
            target=None if target is None else json.dumps(target),
            target_digest=None if target is None else target_digest(
                shown, sample.get("frozen", target), target_kind), weight=float(sample.get("weight", 1))))  # fmt: skip
        if sample_kind in ("context", "crop", "volume"):
            rows["training_sample_slice"] += [
                dict(training_set_id=set_id, sample_number=number, slice_ordinal=i, patient_id=s["patient_id"],
                     slice_id=s["slice_id"], pixel_digest=s["pixel_digest"]) for i, s in enumerate(slices)]  # fmt: skip
    statements = [s for table, content in rows.items() if content for s in warehouse.insert(table, content)]
    warehouse.execute(statements)
    return slicehouse.open(warehouse.url).training_set(name)


def volumes(cohort):
    """Patient key → (values, marks), `[slices][rows][columns]`, read by nibabel: NIfTI stores [column][row][slice]."""
    import nibabel

    result = {}
    for path in sorted((cohort / "ct_scans").glob("*.nii")):
        values = np.asarray(nibabel.load(path).dataobj, dtype=np.float64).transpose(2, 1, 0)
        grey = np.asarray(nibabel.load(cohort / "masks" / path.name).dataobj).transpose(2, 1, 0)
        result[path.stem] = values, grey > (grey.min() + max(grey.max(), 1)) / 2
    return result


WINDOW = {"steps": [{"step": "window", "windows": [{"center": 40, "width": 120}]}]}


def take(batches):
    """Sample numbers of each batch."""
    with batches:
        return [batch.sample_number.tolist() for batch in batches]
