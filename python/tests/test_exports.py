"""The index of an export against the warehouse."""

import csv

import pytest
import slicehouse

from training_sets import create, program
from warehouses import WINDOW, freeze


@pytest.mark.parametrize("format", ["csv", "npy", "nifti"])
@pytest.mark.parametrize("target", ["mask", "none"])
def test_the_index_names_patients_and_files(warehouse, tmp_path, format, target):
    name = f"index-{format}-{target}"
    program("split", "create", name, "--folds", "all=1", "--database", warehouse.url)
    made, _ = create(warehouse, tmp_path, name, WINDOW, "--target", target, split=name)
    out = tmp_path / "export"
    code, _, error = program(
        "training-set", "export", name, "--format", format, "--out", str(out), "--database", warehouse.url)
    assert code == 0, error
    with open(out / "index.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    wanted = slicehouse.open(warehouse.url).sql(
        f"""
        SELECT sample_number, training_sample.patient_id, training_sample.slice_id FROM training_sample
        JOIN training_set ON training_set.training_set_id = training_sample.training_set_id
        WHERE training_set.name = '{name}' ORDER BY sample_number
        """).rows()
    assert [(int(r["sample_number"]), int(r["patient_id"]), int(r["slice_id"])) for r in rows] == wanted
    assert len({r["patient_id"] for r in rows}) > 1
    for row in rows:
        assert bool(row["file"]) == (format != "csv") and bool(row["mask_file"]) == (format != "csv" and target == "mask")
        for part in ("file", "mask_file"):
            assert not row[part] or (out / row[part]).is_file()
        assert row["file"] != row["mask_file"] or format == "csv"


def test_the_index_has_a_column_for_each_label(warehouse, slices, tmp_path):
    targets = [[1, 0, None], [0, 1, 1], [None, None, 0]]
    freeze(warehouse, "index-labels", WINDOW, [{"slices": [s], "target": t} for s, t in zip(slices, targets)],
           target_kind="labels", parameters={
               "sample": {"kind": "slice"}, "target": {"kind": "labels", "domains": ["any", "epidural", "subdural"]}})  # fmt: skip
    code, _, error = program("training-set", "export", "index-labels", "--format", "csv", "--out", str(tmp_path / "x"),
                             "--database", warehouse.url)  # fmt: skip
    assert code == 0, error
    with open(tmp_path / "x/index.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = ["target_any", "target_epidural", "target_subdural"]
    assert [name for name in rows[0] if name.startswith("target_")] == columns
    assert [[row[name] for name in columns] for row in rows] == [["1", "0", ""], ["0", "1", "1"], ["", "", "0"]]
    assert [row["target"] for row in rows] == ["[1,0,null]", "[0,1,1]", "[null,null,0]"]
