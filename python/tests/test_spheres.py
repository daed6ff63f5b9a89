"""Spheres as targets: volumes with bright balls, of which a table says where they lie.

A ball is found again in the pixels of a sample by scipy.ndimage, whatever the recipe and the augmentation did to them, and
must be where the target says.
"""

import csv
import json
import math

import numpy as np
import pytest
import slicehouse
from chests import BALLS, SCALE, SIDES, SPACING, changed, compare, found, rows_of, samples, series_of
from training_sets import create, program
from warehouses import WINDOW

VOLUMES = {
    "as stored": ([SCALE], 6),
    "isotropic": ([SCALE, {"step": "resample", "spacing_mm": [1, 1, 1]}], 6),
    "resized": ([SCALE, {"step": "resize", "shape": [64, 48, 80], "kernel": "area"}], 6),
    "cropped": ([SCALE, {"step": "crop", "shape": [40, 90, 60]}], 4),
    "padded, resampled and resized": ([
        SCALE, {"step": "crop", "shape": [51, 121, 80], "fill": 0},
        {"step": "resample", "spacing_mm": [1.5, 1, 0.9], "kernel": "bicubic"},
        {"step": "resize", "shape": [70, 100, 77], "kernel": "bilinear"}], 6),
}  # fmt: skip


@pytest.mark.parametrize("name", VOLUMES)
def test_spheres_of_volumes_are_where_the_balls_are(chest, tmp_path, name):
    steps, least = VOLUMES[name]
    made, _ = create(chest, tmp_path, "v", {"layout": "NCDHW", "steps": steps}, "--sample", "volume", "--target", "spheres")
    assert made.sample_count == 2
    assert sum(compare(image[0], target) for image, target in samples(made)) >= least


@pytest.mark.parametrize("outside", ["shift", "pad"])
def test_spheres_of_crops_are_where_the_balls_are_and_those_beyond_are_left_out(chest, tmp_path, outside):
    recipe = {"layout": "NCDHW", "steps": [SCALE, {"step": "resample", "spacing_mm": [1.5, 1.5, 1.5]}]}
    made, _ = create(chest, tmp_path, "c" + outside, recipe, "--sample", "crop", "--shape", "25x45x35", "--outside", outside,
                     "--target", "spheres")  # fmt: skip
    assert made.sample_count == 6
    seen = 0
    for image, target in samples(made):
        spheres = rows_of(target)
        seen += compare(image[0], target)
        # Every sphere reaches into the sample: something bright lies within its ellipsoid.
        grid = np.stack(np.meshgrid(*(np.arange(n) for n in image[0].shape), indexing="ij"), -1)
        for s in spheres:
            assert image[0][(((grid - s[:3]) / (s[3:] + 1)) ** 2).sum(-1) <= 1].max() > 0.3
    # The ball that a crop lies around is whole in it.
    assert seen >= 6


def test_spheres_of_slices_and_contexts_are_those_of_the_slice_that_names_them(chest, tmp_path):
    resize = {"steps": [SCALE, {"step": "resize", "shape": [48, 90], "kernel": "area"}]}
    slices, said = create(chest, tmp_path, "s", resize, "--target", "spheres")
    context, _ = create(chest, tmp_path, "k", resize, "--target", "spheres", "--sample", "context", "--context", "2")
    deep, _ = create(chest, tmp_path, "d", {**resize, "layout": "NCDHW"}, "--target", "spheres", "--sample", "context",
                     "--context", "2")  # fmt: skip
    assert slices.sample_count == context.sample_count == deep.sample_count == 2 * SIDES[0]
    seen = positive = 0
    for (image, target), (wide, around), (volume, inside) in zip(
            samples(slices, shuffle=False), samples(context, shuffle=False), samples(deep, shuffle=False)):  # fmt: skip
        assert np.array_equal(rows_of(target), rows_of(around)) and np.array_equal(image[0], wide[2])
        spheres = rows_of(target)
        positive += len(spheres) > 0
        # Of a ball that is cut near its middle the disc is as wide as the ball.
        middle = target[np.abs(target[:, 0]) < 0.6]
        seen += compare(image[0], middle) if len(middle) == len(found(image[0])) else 0
        # With an axis of slices, those of all five are meant, counted from the first.
        assert {tuple(s[1:3]) for s in spheres} <= {tuple(s[1:3]) for s in rows_of(inside)}
        for s in spheres:
            assert np.isclose(rows_of(inside)[:, 0], s[0] + 2).any()
        assert all(abs(s[0] - 2) - s[3] <= 2.5 for s in rows_of(inside))
    # Two slices of each volume cut a ball in its middle, one of them two.
    assert seen == 6
    assert said["folds"][0]["marked"] == positive < 2 * SIDES[0]


AUGMENT = {"flip_slices": 0.5, "flip_rows": 0.5, "flip_columns": 0.5, "rotation_degrees": 40, "scale": [0.7, 1.3], "shift": 0.4}


def test_spheres_follow_every_augmentation(chest, tmp_path):
    isotropic = [SCALE, {"step": "resample", "spacing_mm": [1.5, 1, 1]}, {"step": "crop", "shape": [53, 72, 72], "fill": 0}]
    made, _ = create(chest, tmp_path, "a", {"layout": "NCDHW", "steps": isotropic, "augment": AUGMENT},
                     "--sample", "volume", "--target", "spheres")  # fmt: skip
    plain = [rows_of(target) for _, target in samples(made, shuffle=False)]
    seen = dropped = moved = 0
    for epoch in range(12):
        for image, target in samples(made, seed=3, epoch=epoch):
            # An affine map of pixels is bilinear, and slices are not mapped.
            seen += compare(image[0], target)
            spheres = rows_of(target)
            dropped += len(spheres) < 3
            moved += not any(np.array_equal(spheres, p) for p in plain)
            # What is given comes first, NaN fills up.
            assert np.isnan(target[len(spheres):]).all()
            outside = np.maximum(np.maximum(-0.5 - spheres[:, :3], spheres[:, :3] - np.array(image[0].shape) + 0.5), 0)
            assert ((outside / spheres[:, 3:]) ** 2).sum(1).max() <= 1 + 1e-5
    assert seen > 20 and moved == 24 and dropped > 0


def test_one_augmentation_at_a_time_moves_spheres_as_it_moves_pixels(chest, tmp_path):
    for name, augment in {
        "slices": {"flip_slices": 1}, "rows": {"flip_rows": 1}, "columns": {"flip_columns": 1},
        "turn": {"rotation_degrees": [30, 30]}, "grow": {"scale": [1.2, 1.2]}, "shift": {"shift": [0.1, 0.1]},
    }.items():  # fmt: skip
        made, _ = create(chest, tmp_path, "one-" + name, {"layout": "NCDHW", "steps": [SCALE], "augment": augment},
                         "--sample", "volume", "--target", "spheres")  # fmt: skip
        assert sum(compare(image[0], target) for image, target in samples(made)) >= 3, name


def test_exports_and_bakes_hold_the_spheres_of_batches(chest, tmp_path):
    recipe = {"layout": "NCDHW", "steps": [SCALE, {"step": "resample", "spacing_mm": [1.5, 1.5, 1.5]}]}
    made, _ = create(chest, tmp_path, "e", recipe, "--sample", "crop", "--shape", "25x45x35", "--target", "spheres")
    expected = {n: rows_of(t) for b in made.batches(shuffle=False) for n, t in zip(b.sample_number.tolist(), b.target)}
    for verb in (["bake", "e"], ["export", "e", "--format", "csv"]):
        assert program("training-set", *verb, "--out", str(tmp_path / verb[0]), "--database", chest.url)[0] == 0
    with open(tmp_path / "export/index.csv", newline="") as file:
        exported = {int(row["sample_number"]): json.loads(row["target"]) for row in csv.DictReader(file)}
    lines = (tmp_path / "bake/train/target-00000.jsonl").read_text().splitlines()
    for number, spheres in expected.items():
        assert np.allclose(exported[number], spheres, atol=1e-4) and json.loads(lines[number]) == exported[number]
    baked = next(made.batches(shuffle=False, baked=str(tmp_path / "bake"), batch_size=6))
    assert [np.array_equal(rows_of(t), expected[n]) for n, t in zip(baked.sample_number.tolist(), baked.target)] == [True] * 6


@pytest.mark.parametrize("sample", ["volume", "crop", "slice", "context"])
def test_the_affine_of_a_sample_takes_spheres_to_the_millimetres_of_the_table(chest, tmp_path, sample):
    flat = sample in ("slice", "context")
    sides = [50, 61] if flat else [17, 50, 61]
    recipe = {**({} if flat else {"layout": "NCDHW"}), "steps": [SCALE, {"step": "resize", "shape": sides}]}
    extra = {"crop": ["--shape", "25x45x35", "--outside", "pad"]}.get(sample, [])
    made, _ = create(chest, tmp_path, "mm" + sample, recipe, "--sample", sample, "--target", "spheres", *extra)
    known = {}
    for centre, radius in BALLS:
        mirrored = (centre[0], (SIDES[1] - 1) * SPACING[1] - centre[1], centre[2])
        known[radius] = [np.array(c)[::-1] + [-30, -40, 100] for c in (centre, mirrored)]
    seen = 0
    for batch in made.batches(shuffle=False):
        for number, target in zip(batch.sample_number.tolist(), batch.target):
            affine = made.affine(number)
            spacing = np.linalg.norm(affine[:3, :3], axis=0)
            for sphere in rows_of(target):
                point = affine @ [*sphere[:3], 1]
                radius = min(known, key=lambda r: abs(r - sphere[5] * spacing[2]))
                assert min(np.abs(point[:3] - p).max() for p in known[radius]) < 1e-3
                assert np.allclose(sphere[3:] * spacing, radius, rtol=1e-5) and point[3] == 1
                seen += 1
    assert seen >= 6
    with pytest.raises(slicehouse.NotFoundError, match="no sample 100000"):
        made.affine(100_000)


def test_what_cannot_be_told_is_refused(chest, tmp_path):
    (tmp_path / "borders.json").write_text(json.dumps({"layout": "NCDHW", "steps": [
        SCALE, {"step": "crop_black_borders"}, {"step": "resize", "shape": [20, 20]}]}))  # fmt: skip
    (tmp_path / "flat.json").write_text(json.dumps(WINDOW))
    arguments = ["--split", "all", "--database", chest.url, "--sample", "volume"]
    code, _, error = program(
        "training-set", "create", "x", "--recipe", str(tmp_path / "borders.json"), "--target", "spheres", *arguments)
    assert code == 64 and "crop_black_borders" in error and "use crop" in error
    for target in ("spheres", "mask"):
        code, _, error = program(
            "training-set", "create", "x", "--recipe", str(tmp_path / "flat.json"), "--target", target, *arguments)
        assert code == 64 and "NCDHW" in error


def test_spheres_under_a_gantry_tilt_reach_as_many_slices_as_the_ball_cuts(chest, tmp_path):
    # Slices that lie over each other aslant, 20 degrees towards the feet of the rows.
    tilt = np.radians(20)
    series = series_of(chest)[0]
    where = f"WHERE series_id = {series}"
    tilted = f"UPDATE series SET slice_direction_y = {math.sin(tilt)!r}, slice_direction_z = {math.cos(tilt)!r} {where}"
    with changed(chest, tilted, back=[
            f"UPDATE series SET slice_direction_y = 0, slice_direction_z = 1 {where}"]):  # fmt: skip
        query = tmp_path / "one.sql"
        query.write_text(f"SELECT {series} AS series_id")
        made, _ = create(chest, tmp_path, "tilted", {"layout": "NCDHW", "steps": [SCALE]}, "--sample", "volume", "--target",
                         "spheres", "--query", str(query))  # fmt: skip
        spheres = rows_of(next(made.batches()).target[0])
    # Voxel (slice, row, column) to mm, and back for points all over a ball.
    steps = np.column_stack([
        SPACING[0] * np.array([np.cos(tilt), np.sin(tilt), 0]), SPACING[1] * np.array([0, 1, 0]),
        SPACING[2] * np.array([0, 0, 1])])  # fmt: skip
    heights, turns = np.meshgrid(np.linspace(-1, 1, 2001), np.linspace(0, 2 * np.pi, 721))
    widths = np.sqrt(1 - heights**2)
    shell = np.stack([heights, widths * np.cos(turns), widths * np.sin(turns)]).reshape(3, -1)
    voxels = np.linalg.solve(steps, shell)
    disc = voxels[:, np.abs(voxels[0]) < 1e-3]
    half = [voxels[0].max(), np.ptp(disc[1]) / 2, np.ptp(disc[2]) / 2]
    assert len(spheres) == 3 and half[0] > 1.05 / SPACING[0]
    for sphere in spheres:
        assert min(np.abs(sphere[3:] / (radius * np.array(half)) - 1).max() for _, radius in BALLS) < 2e-3


def test_a_preview_outlines_the_largest_sphere_where_it_is(chest, tmp_path):
    from PIL import Image

    side, gutter = 96, 4
    made, _ = create(chest, tmp_path, "shown", {"layout": "NCDHW", "steps": [SCALE]}, "--sample", "volume", "--target", "spheres")
    code, _, error = program("batches", "preview", made.title, "--tile", str(side), "--out", str(tmp_path / "shown.png"),
                             "--database", chest.url)  # fmt: skip
    assert code == 0, error
    sheet = np.asarray(Image.open(tmp_path / "shown.png").convert("RGB")).astype(int)
    (_, row, column), radius = np.array(BALLS[1][0]) / SPACING, BALLS[1][1] / SPACING[1:]
    rows = set()
    for number in range(2):
        tile = sheet[gutter:gutter + side, gutter + number * (side + gutter):][:, :side]
        yellow = np.argwhere((tile[..., 0] > 150) & (tile[..., 1] > 120) & (tile[..., 2] < 100))
        # A picture of 96 rows and 72 columns stands in the middle of its tile.
        low, high = yellow.min(0), yellow.max(0)
        assert np.abs((high - low) / 2 - radius).max() < 2
        middle = (low + high) / 2
        assert abs(middle[1] - (side - SIDES[2]) / 2 - column) < 2
        rows.add(min((row, SIDES[1] - 1 - row), key=lambda place: abs(place - middle[0])))
        assert min(abs(middle[0] - place) for place in (row, SIDES[1] - 1 - row)) < 2
    assert len(rows) == 2
