"""Two chests in the layout of LUNA16: volumes with bright balls, of which a table says where they lie.

A ball is found again in the pixels of a sample by scipy.ndimage, whatever became of them.
"""

import contextlib
import csv

import numpy as np
import slicehouse
from scipy import ndimage
from training_sets import program
from warehouses import TestWarehouse, run

# Between slices, rows and columns, mm: no two alike, so that no axis can stand for another.
SPACING = np.array([2.0, 0.75, 1.0])
SIDES = (40, 96, 72)
# Centre in mm from the first voxel (slice, row, column), and radius in mm; far from each other and from the edges.
BALLS = [((24, 20, 18), 9.0), ((52, 48, 50), 11.0), ((24, 50, 52), 7.0)]
SCALE = {"step": "scale", "from": [0, 1000], "to": [0, 1]}


def write_chests(folder):
    """Two volumes and their table; the second is the first, mirrored by rows."""
    import SimpleITK

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


def store_chests(engine, folder, place):
    """A warehouse that holds them, with the split `all`."""
    write_chests(folder)
    made = TestWarehouse(engine, place)
    run("ingest", str(folder), "--database", made.url)
    run("split", "create", "all", "--folds", "train=1", "--database", made.url)
    return made


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


def series_of(warehouse):
    """Ids of the two series, in order."""
    table = slicehouse.open(warehouse.url).sql("SELECT series_id FROM series WHERE role = 'image' ORDER BY series_id")
    return table["series_id"].tolist()


@contextlib.contextmanager
def changed(warehouse, *statements, back):
    """The warehouse with other rows, for a while."""
    warehouse.execute(list(statements))
    try:
        yield
    finally:
        warehouse.execute(list(back))


def exported(warehouse, title, folder, form="nifti"):
    """Exit code and messages of an export."""
    code, _, error = program(
        "training-set", "export", title, "--format", form, "--out", str(folder), "--database", warehouse.url)
    return code, error
