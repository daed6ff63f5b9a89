"""What a recipe or a sample cannot be made of is refused when a training set is created, and counted by reason: what is
frozen can be read."""

import json
import sqlite3

import numpy as np
import pytest
import slicehouse
from chests import BALLS, SCALE, SIDES, changed, rows_of, series_of
from training_sets import baked, checked, create, program
from warehouses import WINDOW, freeze


def test_samples_that_a_recipe_cannot_take_are_refused_and_stop_no_check(chest, tmp_path):
    # 80 × 72 × 72 voxels of 1 mm, of which 60 × 70 × 70 are taken; rows of half the size leave 36 of them.
    recipe = {"layout": "NCDHW", "steps": [
        SCALE, {"step": "resample", "spacing_mm": [1, 1, 1]}, {"step": "crop", "shape": [60, 70, 70]}]}  # fmt: skip
    made, said = create(chest, tmp_path, "tight", recipe, "--sample", "volume", "--target", "spheres")
    assert made.sample_count == 2 and checked(chest, "tight")[0] == 0
    series = slicehouse.open(chest.url).sql("SELECT min(series_id) AS id FROM series WHERE role = 'image'")["id"][0]
    chest.execute([f"UPDATE series SET row_spacing_mm = row_spacing_mm / 2 WHERE series_id = {series}"])
    try:
        code, output, error = program("training-set", "check", "--json", "--database", chest.url)
        assert code in (0, 65), error
        found = {(row["training_set"], row["check"]): row["count"] for row in map(json.loads, output.splitlines())}
        assert found["tight@1", "would_leave"] == 1 and ("tight@1", "targets") not in found
        code, output, error = program(
            "training-set", "create", "tight", "--split", "all", "--recipe", str(tmp_path / "tight.json"), "--sample", "volume",
            "--target", "spheres", "--database", chest.url)  # fmt: skip
        assert code == 0 and "that the recipe cannot take" in output + error
        assert slicehouse.open(chest.url).training_set("tight").sample_count == 1
    finally:
        chest.execute([f"UPDATE series SET row_spacing_mm = row_spacing_mm * 2 WHERE series_id = {series}"])


TIGHT = {"layout": "NCDHW", "steps": [
    SCALE, {"step": "resample", "spacing_mm": [1, 1, 1]}, {"step": "crop", "shape": [60, 70, 70]}]}  # fmt: skip


@pytest.mark.parametrize("target", ["spheres", "none"])
def test_samples_without_a_mark_that_a_recipe_cannot_take_are_refused_too(chest, tmp_path, target):
    """The first series was read and nothing was found; its rows are too few for the crop."""
    first, second = series_of(chest)
    diameters = slicehouse.open(chest.url).sql(
        f"SELECT annotation_id, diameter_mm FROM annotation WHERE series_id = {first}").rows()  # noqa: S608
    assert len(diameters) == len(BALLS)
    with changed(
        chest,
        f"UPDATE series SET row_spacing_mm = row_spacing_mm / 2 WHERE series_id = {first}",
        f"UPDATE annotation SET diameter_mm = NULL WHERE series_id = {first}",
        "INSERT INTO reader (reader_id, dataset_id, reader_key, kind) SELECT 77, min(dataset_id), 'second', 'human' FROM dataset",
        f"""INSERT INTO reading (patient_id, series_id, reader_id)
        SELECT patient_id, series_id, 77 FROM series WHERE series_id = {first}""",
        back=[
            "DELETE FROM reading WHERE reader_id = 77", "DELETE FROM reader WHERE reader_id = 77",
            *(f"UPDATE annotation SET diameter_mm = {float(mm)!r} WHERE annotation_id = {key}" for key, mm in diameters),
            f"UPDATE series SET row_spacing_mm = row_spacing_mm * 2 WHERE series_id = {first}",
        ],
    ):  # fmt: skip
        query = tmp_path / "both.sql"
        query.write_text("SELECT series_id FROM series WHERE role = 'image'")
        made, said = create(chest, tmp_path, "tight-" + target, TIGHT, "--sample", "volume", "--target", target, "--query",
                            str(query))  # fmt: skip
        assert made.sample_count == 1 and said["left_out"] == {"no_place": 1}
        batch = next(made.batches())
        assert batch.image.shape == (1, 1, 60, 70, 70)
        # With something to fill, both are taken: the one without marks as a negative.
        padded = {**TIGHT, "steps": [*TIGHT["steps"][:2], {**TIGHT["steps"][2], "fill": 0}]}
        made, said = create(chest, tmp_path, "padded-" + target, padded, "--sample", "volume", "--target", target, "--query",
                            str(query))  # fmt: skip
        assert made.sample_count == 2 and said["left_out"] == {}
        batch = next(made.batches(shuffle=False))
        assert batch.image.shape == (2, 1, 60, 70, 70)
        if target == "spheres":
            assert sorted(len(rows_of(spheres)) for spheres in batch.target) == [0, 3]


def test_a_stack_without_geometry_is_resampled_along_rows_and_columns_wherever_it_is_read(chest, tmp_path):
    flat = {"layout": "NCHW", "steps": [SCALE, {"step": "resample", "spacing_mm": [0.5, 0.5]}]}
    made, _ = create(chest, tmp_path, "stack", flat, "--sample", "slice", "--target", "none")
    before = np.concatenate([batch.image for batch in made.batches(shuffle=False)])
    # 96 rows of 0.75 mm and 72 columns of 1 mm.
    assert before.shape == (2 * SIDES[0], 1, 144, 144)
    columns = ["slice_spacing_mm"] + [f"origin_{a}_mm" for a in "xyz"] + [
        f"{which}_direction_{a}" for which in ("row", "column", "slice") for a in "xyz"]  # fmt: skip
    first = series_of(chest)[0]
    row = slicehouse.open(chest.url).sql(f"SELECT {', '.join(columns)} FROM series WHERE series_id = {first}").rows()[0]

    def as_(kind, values):
        sets = ", ".join(f"{column} = {value}" for column, value in zip(columns, values, strict=True))
        return f"UPDATE series SET geometry_kind = '{kind}', {sets} WHERE series_id = {first}"

    with changed(chest, as_("stack", ["NULL"] * len(columns)), back=[as_("volume", [repr(float(v)) for v in row])]):
        made = slicehouse.open(chest.url).training_set("stack")
        assert np.array_equal(np.concatenate([batch.image for batch in made.batches(shuffle=False)]), before)
        assert baked(made, chest, tmp_path / "b")[0] == 0
        stored = np.concatenate([np.load(file) for file in sorted((tmp_path / "b/train").glob("image-*.npy"))])
        assert np.array_equal(stored.reshape(before.shape), before)
        code, _, error = program(
            "batches", "preview", "stack", "--out", str(tmp_path / "p.png"), "--database", chest.url)
        assert code == 0, error
        # Frozen today it is the same set; with an axis of slices to resample, the stack is left out.
        again, said = create(chest, tmp_path, "stack", flat, "--sample", "slice", "--target", "none")
        assert again.title == "stack@1" and said["left_out"] == {}
        deep = {"layout": "NCDHW", "steps": [SCALE, {"step": "resample", "spacing_mm": [1, 1, 1]}]}
        made, said = create(chest, tmp_path, "deep", deep, "--sample", "volume", "--target", "none")
        assert made.sample_count == 1 and said["left_out"] == {"no_place": 1}
        # A place in the patient is known of the volume only.
        code, _, error = program(
            "training-set", "export", "stack", "--format", "nifti", "--out", str(tmp_path / "n"), "--database", chest.url)
        assert code == 0 and f"{SIDES[0]} samples have no place" in error


def test_points_beyond_every_volume_are_left_out_and_end_no_program(chest, tmp_path):
    # SQLite has no NaN.
    infinite, negative, none = (
        ("9e999", "-9e999", "NULL") if chest.engine == "sqlite" else ("'Infinity'", "'-Infinity'", "'NaN'"))
    places = [("20", "48", "36")]
    for axis in range(3):
        for number in ("1e30", "-1e30", infinite, negative, none, "1e19"):
            places.append(tuple(number if a == axis else p for a, p in enumerate(places[0])))
    first = series_of(chest)[0]
    query = tmp_path / "far.sql"
    query.write_text(" UNION ALL ".join(
        f"SELECT {first} AS series_id, CAST({column} AS double precision) AS centre_column, CAST({row} AS double precision) "
        f"AS centre_row, CAST({z} AS double precision) AS centre_slice" for z, row, column in places))  # fmt: skip
    recipe = {"layout": "NCDHW", "steps": [SCALE]}
    for outside in ("shift", "pad"):
        made, said = create(chest, tmp_path, "far-" + outside, recipe, "--sample", "crop", "--shape", "3x8x8", "--outside",
                            outside, "--target", "none", "--query", str(query))  # fmt: skip
        assert made.sample_count == 1 and sum(said["left_out"].values()) == len(places) - 1
        assert said["left_out"]["outside_volume"] >= 15 and set(said["left_out"]) <= {"outside_volume", "no_centre"}
        assert checked(chest, made.title)[0] == 0


def test_slices_of_several_sizes_make_no_sample_together(chest, tmp_path):
    first = series_of(chest)[0]
    where = f"WHERE series_id = {first} AND slice_index = 3"
    with changed(chest, f"UPDATE slice SET rows = rows - 1 {where}", back=[f"UPDATE slice SET rows = rows + 1 {where}"]):
        made, said = create(chest, tmp_path, "sizes", {"steps": [SCALE]}, "--sample", "context", "--context", "1", "--target",
                            "none")  # fmt: skip
        # Slice 3 and its two neighbours.
        assert made.sample_count == 2 * SIDES[0] - 3 and said["left_out"] == {"several_sizes": 3}
        assert sum(len(batch.image) for batch in made.batches()) == made.sample_count
        made, said = create(chest, tmp_path, "whole", {"layout": "NCDHW", "steps": [SCALE]}, "--sample", "volume", "--target",
                            "none")  # fmt: skip
        assert made.sample_count == 1 and said["left_out"] == {"several_sizes": 1}


def test_a_set_that_has_lost_rows_is_refused_by_name(warehouse, slices):
    stack = [s for s in slices if s["series_id"] == slices[0]["series_id"]]
    contexts = [{"slices": stack[i : i + 3]} for i in range(3)]
    deep = {"layout": "NCDHW", "steps": WINDOW["steps"]}
    made = freeze(warehouse, "lost-slices", deep, contexts, sample_kind="context", target_kind="none")
    assert next(made.batches(shuffle=False, tail="short")).sample_number.tolist() == [0, 1, 2]
    mine = "training_set_id = (SELECT training_set_id FROM training_set WHERE name = 'lost-slices')"
    # The last one of the sample, which leaves neither a gap nor another place.
    warehouse.execute([f"DELETE FROM training_sample_slice WHERE {mine} AND sample_number = 1 AND slice_ordinal = 2"])
    again = slicehouse.open(warehouse.url).training_set("lost-slices")
    with pytest.raises(slicehouse.TrainingSetError, match="lost-slices@1 is not whole .*its sample 1 has other slices"):
        again.batches()
    warehouse.execute([f"DELETE FROM training_sample WHERE {mine} AND sample_number = 2"])
    with pytest.raises(slicehouse.TrainingSetError, match="3 samples, and the warehouse has 2; see slicehouse training-set check"):
        slicehouse.open(warehouse.url).training_set("lost-slices")
def test_a_database_without_a_warehouse_is_told_as_such(warehouse, tmp_path):
    """Another schema of the server, which looks past those that it does not have; a file with a table of somebody else."""
    if warehouse.engine == "sqlite":
        with sqlite3.connect(tmp_path / "other.sqlite") as connection:
            connection.execute("CREATE TABLE other (a INTEGER)")
        connection.close()
        url, says = f"sqlite:{tmp_path}/other.sqlite", "There is no warehouse in other.sqlite: check the path"
    else:
        url, says = warehouse.url.replace(warehouse.schema, "nowhere"), "There is no warehouse in schema nowhere, or"
    with pytest.raises(slicehouse.NotFoundError, match=says):
        slicehouse.open(url).training_set("ich")


def test_a_folder_is_no_warehouse(tmp_path):
    opened = slicehouse.open(f"sqlite:{tmp_path}")
    for call in (lambda: opened.training_set("ich"), lambda: opened.sql("SELECT 1")):
        with pytest.raises(slicehouse.NotFoundError, match="it is a folder, and a warehouse is a file"):
            call()
