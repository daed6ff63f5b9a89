"""Training sets whose series grow after they were frozen: the samples stay what they were.

Growth is played by other slice indices in the rows of a series, as an ingest would write them.
"""

import json

import nibabel
import numpy as np
import pytest
import slicehouse
from chests import SCALE, SIDES, SPACING, changed, compare, exported, samples
from training_sets import baked, create, program

IMAGES = "series_id IN (SELECT series_id FROM series WHERE role = 'image')"


def moved(index):
    """Statements that give the slices of all series other indices, `index` being SQL over the old one, none met on the way."""
    return [
        f"UPDATE slice SET slice_index = 1000 + ({index}) WHERE {IMAGES}",
        f"UPDATE slice SET slice_index = slice_index - 1000 WHERE {IMAGES}",
    ]


@pytest.mark.parametrize("sample", ["volume", "crop", "context", "slice"])
@pytest.mark.parametrize("layout", ["NCDHW", "NCHW"])
def test_the_affine_of_a_sample_stays_when_its_series_grows(chest, tmp_path, sample, layout):
    if sample == "volume" and layout == "NCHW":
        pytest.skip("marks of a volume need an axis of slices")
    sides = [17, 50, 61] if layout == "NCDHW" and sample != "slice" else [50, 61]
    extra = {"crop": ["--shape", "25x45x35", "--outside", "pad"], "context": ["--context", "2"]}.get(sample, [])
    made, _ = create(chest, tmp_path, f"grown-{sample}-{layout}".lower(), {"layout": layout, "steps": [SCALE, {
        "step": "resize", "shape": sides}]}, "--sample", sample, "--target", "spheres", *extra)  # fmt: skip
    numbers = range(made.sample_count)

    def affines(folder):
        code, error = exported(chest, made.title, tmp_path / folder)
        assert code == 0, error
        files = sorted((tmp_path / folder / "train/images").glob("*.nii.gz"))
        return [nibabel.load(file).affine for file in files]

    before, files = [made.affine(n) for n in numbers], affines("before")
    # Whole volumes may lie alike.
    assert len(files) == len(before) and (sample == "volume" or not np.allclose(before[0], before[-1]))

    def grow(sign):
        # Three slices in front of the first and two behind the last.
        origin = ", ".join(
            f"origin_{a}_mm = origin_{a}_mm - {sign} * 3 * slice_spacing_mm * slice_direction_{a}" for a in "xyz")
        chest.execute([
            *moved(f"slice_index + {sign} * 3"),
            f"UPDATE series SET slice_count = slice_count + {sign} * 5, {origin} WHERE role = 'image'"])  # fmt: skip

    grow(1)
    try:
        grown = slicehouse.open(chest.url).training_set(made.title)
        assert np.allclose([grown.affine(n) for n in numbers], before, atol=1e-9)
        assert np.allclose(affines("after"), files, atol=1e-4)
    finally:
        grow(-1)


ISOTROPIC = {"step": "resample", "spacing_mm": [1, 1, 1]}
BETWEEN = {
    "volume": ("NCDHW", [SCALE, ISOTROPIC], ["--sample", "volume"]),
    "crop": ("NCDHW", [SCALE, ISOTROPIC], ["--sample", "crop", "--shape", "25x45x35", "--outside", "pad"]),
    "context": ("NDHWC", [SCALE, ISOTROPIC], ["--sample", "context", "--context", "2"]),
    "flat context": ("NCHW", [SCALE, {"step": "resample", "spacing_mm": [0.5, 2]}], ["--sample", "context", "--context", "2"]),
    "flat crop": ("NHWC", [SCALE, {"step": "resample", "spacing_mm": [1, 1]}], ["--sample", "crop", "--shape", "7x45x35"]),
}  # fmt: skip


@pytest.mark.parametrize("name", BETWEEN)
def test_slices_that_come_between_those_of_a_sample_leave_it_as_it_was(chest, tmp_path, name):
    layout, steps, arguments = BETWEEN[name]
    title = "between-" + name.replace(" ", "-")
    made, _ = create(chest, tmp_path, title, {"layout": layout, "steps": steps}, "--target", "spheres", *arguments)
    numbers = range(made.sample_count)

    def state(folder):
        """Of batches, affines and NIfTI files."""
        opened = slicehouse.open(chest.url).training_set(made.title)
        images = [image.copy() for batch in opened.batches(shuffle=False) for image in batch.image]
        code, error = exported(chest, made.title, tmp_path / folder)
        assert code == 0 and "no place" not in error, error
        files = [nibabel.load(f) for f in sorted((tmp_path / folder / "train/images").glob("*.nii.gz"))]
        return images, [opened.affine(n) for n in numbers], [np.asarray(f.dataobj) for f in files], [f.affine for f in files]

    before = state("before")
    # Twice as many slices at half the distance, of which the frozen ones are every second.
    apart = [f"UPDATE series SET slice_spacing_mm = slice_spacing_mm {half}, slice_count = {n} WHERE role = 'image'"
             for half, n in (("/ 2", 2 * SIDES[0] - 1), ("* 2", SIDES[0]))]  # fmt: skip
    with changed(chest, *moved("2 * slice_index"), apart[0], back=[*moved("slice_index / 2"), apart[1]]):
        after = state("after")
        grown = slicehouse.open(chest.url).training_set(made.title)
        if name == "volume":
            # 40 slices of 2 mm are 80 of 1 mm, rows of 0.75 mm 72, and the balls are where the spheres say.
            assert next(grown.batches()).image.shape[1:] == (1, *np.rint(np.array(SIDES) * SPACING).astype(int))
            assert sum(compare(image[0], target) for image, target in samples(grown)) >= 6
        assert baked(grown, chest, tmp_path / "bake")[0] == 0
        for one, other in zip(grown.batches(shuffle=False), grown.batches(shuffle=False, baked=str(tmp_path / "bake"))):
            assert np.array_equal(one.image, other.image)
    assert len(before[0]) == made.sample_count > 1
    for old, new in zip(before[0] + before[2], after[0] + after[2], strict=True):
        assert np.array_equal(old, new)
    assert np.allclose(before[1], after[1], atol=1e-9) and np.allclose(before[3], after[3], atol=1e-4)


def test_slices_that_come_between_at_uneven_distances_are_told_or_refused(chest, tmp_path):
    plain, _ = create(chest, tmp_path, "uneven", {"layout": "NCDHW", "steps": [SCALE]}, "--sample", "volume", "--target",
                      "spheres")  # fmt: skip
    deep, _ = create(chest, tmp_path, "uneven-resampled", {"layout": "NCDHW", "steps": [SCALE, ISOTROPIC]}, "--sample",
                     "volume", "--target", "spheres")  # fmt: skip
    before = [image.copy() for image, _ in samples(plain, shuffle=False)]
    gap = "slice_index + CASE WHEN slice_index < 20 THEN 0 ELSE {} END"
    with changed(chest, *moved(gap.format(1)), back=moved(gap.format(-1))):
        opened = slicehouse.open(chest.url)
        for old, (new, _) in zip(before, samples(opened.training_set(plain.title), shuffle=False), strict=True):
            assert np.array_equal(old, new)
        assert [opened.training_set(plain.title).affine(n) for n in range(2)] == [None, None]
        code, error = exported(chest, plain.title, tmp_path / "plain")
        assert code == 0 and "2 samples have no place in the patient" in error
        for file in (tmp_path / "plain/train/images").glob("*.nii.gz"):
            header = nibabel.load(file).header
            assert header["sform_code"] == header["qform_code"] == 0 and header.get_xyzt_units()[0] == "unknown"
        manifest = json.loads((tmp_path / "plain/manifest.json").read_text())
        assert manifest["folds"]["train"]["without_place"] == 2
        with pytest.raises(slicehouse.TrainingSetError, match="sample 0 after it was frozen, at uneven distances.*new version"):
            next(opened.training_set(deep.title).batches())
        for code, error in (
            exported(chest, deep.title, tmp_path / "n"), exported(chest, deep.title, tmp_path / "t", "tfrecord"),
            baked(deep, chest, tmp_path / "b"),
        ):  # fmt: skip
            assert code == 65 and "at uneven distances" in error, error
        code, _, error = program(
            "batches", "preview", deep.title, "--out", str(tmp_path / "p.png"), "--database", chest.url)
        assert code == 65 and "at uneven distances" in error
    assert next(slicehouse.open(chest.url).training_set(deep.title).batches()).image.shape[0] == 2
    assert exported(chest, deep.title, tmp_path / "again")[0] == 0
