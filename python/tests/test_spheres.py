"""Spheres as targets: volumes with bright balls, of which a table says where they lie.

A ball is found again in the pixels of a sample by scipy.ndimage, whatever the recipe and the augmentation did to them, and
must be where the target says.
"""

import csv
import json

import numpy as np
import pytest
import slicehouse
from scipy import ndimage
from training_sets import checked, create, program
from warehouses import ENGINES, WINDOW, TestWarehouse, run

# Between slices, rows and columns, mm: no two alike, so that no axis can stand for another.
SPACING = np.array([2.0, 0.75, 1.0])
SIDES = (40, 96, 72)
# Centre in mm from the first voxel (slice, row, column), and radius in mm; far from each other and from the edges.
BALLS = [((24, 20, 18), 9.0), ((52, 48, 50), 11.0), ((24, 50, 52), 7.0)]
SCALE = {"step": "scale", "from": [0, 1000], "to": [0, 1]}


@pytest.fixture(scope="module", params=ENGINES)
def chest(request, tmp_path_factory):
    """A warehouse of two volumes in the layout of LUNA16; the second is the first, mirrored by rows."""
    import SimpleITK

    folder = tmp_path_factory.mktemp("chest")
    axes = np.meshgrid(*(np.arange(n) * s for n, s in zip(SIDES, SPACING)), indexing="ij")
    rows = []
    for number in range(2):
        volume = np.zeros(SIDES, np.float32)
        for centre, radius in BALLS:
            centre = np.array(centre, float)
            if number == 1:
                centre[1] = (SIDES[1] - 1) * SPACING[1] - centre[1]
            distance = np.sqrt(sum((axis - c) ** 2 for axis, c in zip(axes, centre)))
            # A smooth edge: the share of a voxel that lies inside, roughly.
            volume = np.maximum(volume, np.clip((radius - distance) / 1.5 + 0.5, 0, 1))
            rows.append([f"1.2.826.0.1.3680043.9.{number + 1}", *(centre[::-1] + [-30, -40, 100]), 2 * radius])
        image = SimpleITK.GetImageFromArray((1000 * volume).astype(np.int16))
        image.SetSpacing([float(s) for s in SPACING[::-1]])
        image.SetOrigin([-30.0, -40.0, 100.0])
        (folder / f"subset{number}").mkdir()
        SimpleITK.WriteImage(image, str(folder / f"subset{number}/{rows[-1][0]}.mhd"))
    with open(folder / "annotations.csv", "w", newline="") as file:
        csv.writer(file).writerows([["seriesuid", "coordX", "coordY", "coordZ", "diameter_mm"], *rows])
    made = TestWarehouse(request.param, tmp_path_factory.mktemp("warehouse"))
    run("ingest", str(folder), "--database", made.url)
    run("split", "create", "all", "--folds", "train=1", "--database", made.url)
    yield made
    made.drop()


def found(image):
    """Balls in an array: centre of mass, and half the extent of what is brighter than half."""
    labels, count = ndimage.label(image > 0.5)
    centres = ndimage.center_of_mass(image, labels, range(1, count + 1))
    places = ndimage.find_objects(labels)
    return [(np.array(c), np.array([(s.stop - s.start) / 2 for s in p]), p) for c, p in zip(centres, places)]


def rows_of(target):
    return target[~np.isnan(target[:, 0])]


def compare(image, target, tolerance=0.5):
    """Every ball that is whole in the image is a sphere of the target, there and so large; returns how many."""
    spheres = rows_of(target)
    seen = 0
    for centre, radius, place in found(image):
        if any(s.start == 0 or s.stop == n for s, n in zip(place, image.shape)):
            continue
        axes = slice(3 - image.ndim, 3)
        distances = [np.abs(s[:3][axes] - centre).max() for s in spheres]
        nearest = int(np.argmin(distances))
        assert distances[nearest] < tolerance, (centre, spheres)
        assert np.abs(spheres[nearest][3:][axes] - radius).max() < 1.1, (radius, spheres[nearest])
        seen += 1
    return seen


def samples(made, **options):
    with made.batches(batch_size=3, **options) as batches:
        for batch in batches:
            assert batch.target.shape[2] == 6
            yield from zip(batch.image, batch.target)


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


@pytest.mark.parametrize("sample", ["volume", "crop", "context", "slice"])
@pytest.mark.parametrize("layout", ["NCDHW", "NCHW"])
def test_the_affine_of_a_sample_stays_when_its_series_grows(chest, tmp_path, sample, layout):
    import nibabel

    if sample == "volume" and layout == "NCHW":
        pytest.skip("marks of a volume need an axis of slices")
    sides = [17, 50, 61] if layout == "NCDHW" and sample != "slice" else [50, 61]
    extra = {"crop": ["--shape", "25x45x35", "--outside", "pad"], "context": ["--context", "2"]}.get(sample, [])
    made, _ = create(chest, tmp_path, f"grown-{sample}-{layout}".lower(), {"layout": layout, "steps": [SCALE, {
        "step": "resize", "shape": sides}]}, "--sample", sample, "--target", "spheres", *extra)  # fmt: skip
    numbers = range(made.sample_count)

    def exported(folder):
        code, _, error = program("training-set", "export", made.title, "--format", "nifti", "--out", str(tmp_path / folder),
                                 "--database", chest.url)  # fmt: skip
        assert code == 0, error
        files = sorted((tmp_path / folder / "train/images").glob("*.nii.gz"))
        return [nibabel.load(file).affine for file in files]

    before, files = [made.affine(n) for n in numbers], exported("before")
    # Whole volumes may lie alike.
    assert len(files) == len(before) and (sample == "volume" or not np.allclose(before[0], before[-1]))

    def grow(sign):
        # Three slices in front of the first and two behind the last.
        images = "series_id IN (SELECT series_id FROM series WHERE role = 'image')"
        origin = ", ".join(
            f"origin_{a}_mm = origin_{a}_mm - {sign} * 3 * slice_spacing_mm * slice_direction_{a}" for a in "xyz")
        chest.execute([
            f"UPDATE slice SET slice_index = slice_index + 1000 WHERE {images}",
            f"UPDATE slice SET slice_index = slice_index - 1000 + {sign} * 3 WHERE {images}",
            f"UPDATE series SET slice_count = slice_count + {sign} * 5, {origin} WHERE role = 'image'"])  # fmt: skip

    grow(1)
    try:
        grown = slicehouse.open(chest.url).training_set(made.title)
        assert np.allclose([grown.affine(n) for n in numbers], before, atol=1e-9)
        assert np.allclose(exported("after"), files, atol=1e-4)
    finally:
        grow(-1)


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
