"""Masks as targets: those of the CT-ICH look-alike, from the files, which nibabel reads, to the arrays of a batch."""

import json

import numpy as np
import pytest
import slicehouse
from scipy import ndimage
from training_sets import baked, checked, create, program
from warehouses import MATRIX, WINDOW, freeze, literal, run, target_digest


@pytest.fixture(scope="module")
def masks(warehouse):
    run("split", "create", "marks", "--folds", "train=1", "--database", warehouse.url)
    return warehouse


def test_spheres_that_an_earlier_version_froze_are_refused(masks, slices, tmp_path):
    old = freeze(masks, "old", WINDOW, [{"slices": [slices[0]], "target": [[1.5, 2, 3, 4]]}], target_kind="spheres",
                 parameters={"sample": {"kind": "slice"}, "target": {"kind": "spheres"}})  # fmt: skip
    with pytest.raises(slicehouse.TrainingSetError, match="voxels of the series.*create a new version"):
        next(old.batches())
    code, _, error = program("training-set", "export", "old", "--format", "npy", "--out", str(tmp_path / "o"), "--database", masks.url)
    assert code != 0 and "voxels of the series" in error


def stacks_of(slices):
    """Series id → its slices in order."""
    stacks = {}
    for row in slices:
        stacks.setdefault(row["series_id"], []).append(row)
    return {key: sorted(rows, key=lambda r: r["slice_index"]) for key, rows in stacks.items()}


def test_a_context_in_channels_counts_the_slice_that_its_mask_is_of(masks, slices, truth, tmp_path):
    made, said = create(masks, tmp_path, "ctx", WINDOW, "--sample", "context", "--context", "3", "--target", "mask",
                        "--class-weights", "balanced", "--oversample", "2", split="marks")  # fmt: skip
    all_marks = np.concatenate([marks for _, marks in truth.values()])
    marked = int(all_marks.any((1, 2)).sum())
    assert 0 < marked < made.sample_count == len(all_marks)
    # What the table, the weights, the plan and the batches say is one thing.
    assert said["folds"][0]["marked"] == marked
    counts = made.class_weights["classes"]
    assert counts["marked"]["count"] == all_marks.sum()
    assert counts["background"]["count"] == all_marks.size - all_marks.sum()
    assert made.sampling_plan["classes"]["positive"] == {"count": marked, "times": 2}
    given = {n: m.any() for b in made.batches(shuffle=False) for n, m in zip(b.sample_number.tolist(), b.mask)}
    assert sum(given.values()) == marked
    assert {n for n, times in made.sampling_plan["repeats"]} == {n for n, is_marked in given.items() if is_marked}
    code, output, _ = program("training-set", "show", "ctx", "--json", "--database", masks.url)
    assert code == 0 and json.loads(output)["folds"][0]["marked"] == marked
    # The same set as files: the masks are those of the batches.
    assert program("training-set", "bake", "ctx", "--out", str(tmp_path / "b"), "--database", masks.url)[0] == 0
    for one, other in zip(made.batches(shuffle=False), made.batches(shuffle=False, baked=str(tmp_path / "b"))):
        assert np.array_equal(one.mask, other.mask) and np.array_equal(one.sample_number, other.sample_number)
    # One that an earlier version froze, with the masks of all its slices counted.
    stack = next(iter(stacks_of(slices).values()))
    old = freeze(masks, "old-context", WINDOW, [{"slices": stack[:3]}], sample_kind="context", parameters={"target": {}})
    with pytest.raises(slicehouse.TrainingSetError, match="counted on all slices.*create a new version"):
        next(old.batches())


@pytest.mark.parametrize("layout", ["NCHW", "NCDHW"])
def test_crops_around_masks_lie_at_their_centre_of_mass(masks, slices, truth, tmp_path, layout):
    shape = (5, 24, 32)
    name = f"around-{layout}".lower()
    made, said = create(masks, tmp_path, name, {**WINDOW, "layout": layout}, "--sample", "crop", "--shape", "5x24x32",
                        "--outside", "pad", "--target", "mask", "--class-weights", "balanced", split="marks")  # fmt: skip
    table = slicehouse.open(masks.url).sql(
        f"""
        SELECT s.sample_number, s.centre_slice, s.centre_row, s.centre_column, p.patient_key
        FROM training_sample AS s JOIN training_set AS t ON t.training_set_id = s.training_set_id
        JOIN patient AS p ON p.patient_id = s.patient_id WHERE t.name = '{name}' ORDER BY s.sample_number
        """)  # noqa: S608
    rows = {number: (np.array(centre), patient) for number, *centre, patient in table.rows()}
    spacing = slicehouse.open(masks.url).sql(
        """SELECT DISTINCT p.patient_key, e.slice_spacing_mm, e.row_spacing_mm, e.column_spacing_mm
        FROM series AS e JOIN patient AS p ON p.patient_id = e.patient_id WHERE e.role = 'image'""")
    spacing = {patient: np.array(sides) for patient, *sides in spacing.rows()}
    assert len(rows) == sum(marks.any() for _, marks in truth.values()) > 1
    moved = 0
    for batch in made.batches(batch_size=2):
        for image, mask, number in zip(batch.image, batch.mask, batch.sample_number):
            centre, patient = rows[int(number)]
            values, marks = truth[patient]
            expected = np.array(ndimage.center_of_mass(marks))
            if not marks[tuple(np.rint(expected).astype(int))]:
                voxels = np.argwhere(marks)
                expected = voxels[np.argmin((((voxels - expected) * spacing[patient]) ** 2).sum(1))]
                moved += 1
            assert np.allclose(centre, expected, atol=1e-9)
            starts = [round(c - n / 2) for c, n in zip(centre, shape)]
            index = [np.clip(np.arange(s, s + n), 0, side - 1) for s, n, side in zip(starts, shape, values.shape)]
            window = np.clip((values[np.ix_(*index)] + 20) / 120, 0, 1)
            assert np.allclose(image[0] if layout == "NCDHW" else image, window, atol=1e-6)
            if layout == "NCHW":
                index[0] = [round(centre[0])]
            assert np.array_equal(mask[0] if layout == "NCDHW" else mask, marks[np.ix_(*index)])
            assert mask.any()
    assert moved < len(rows)
    # Voxels are counted in the crops.
    total = sum(int(b.mask.sum()) for b in made.batches())
    assert made.class_weights["classes"]["marked"]["count"] == total
    assert said["folds"][0]["marked"] == len(rows)


def placed(centre, size):
    """First index of a crop as docs/formats.md has it: rounded as Python rounds, moved where it misses the nearest voxel."""
    nearest = round(centre)
    return min(max(round(centre - size / 2), nearest - size + 1), nearest)


def points(folder, places):
    """A file with a query for crops around (series id, slice, row, column)."""
    path = folder / "points.sql"
    path.write_text(" UNION ALL ".join(
        f"SELECT {series} AS series_id, CAST({column} AS double precision) AS centre_column, "
        f"CAST({row} AS double precision) AS centre_row, CAST({z} AS double precision) AS centre_slice"
        for series, z, row, column in places))  # fmt: skip
    return str(path)


@pytest.mark.parametrize("layout", ["NCHW", "NCDHW"])
@pytest.mark.parametrize("depth", [1, 2])
def test_crops_of_one_and_two_slices_hold_the_slice_that_names_them(masks, slices, truth, tmp_path, layout, depth):
    series = {row["series_id"]: row["patient_key"] for row in slices}
    places = []
    for key, patient in series.items():
        marks = truth[patient][1]
        for z in np.flatnonzero(marks.any((1, 2)))[:4]:
            row, column = np.argwhere(marks[z])[0].tolist()
            places += [(key, z + part, row, column) for part in (0, 0.3, 0.5, 0.7) if z + 1 < len(marks)]
    assert {round(2 * z) % 4 for _, z, *_ in places} == {0, 1, 2, 3}
    name = f"thin-{layout}-{depth}".lower()
    made, _ = create(masks, tmp_path, name, {**WINDOW, "layout": layout}, "--sample", "crop", "--shape", f"{depth}x24x32",
                     "--outside", "pad", "--target", "mask", "--query", points(tmp_path, places), split="marks")  # fmt: skip
    table = slicehouse.open(masks.url).sql(
        f"""
        SELECT s.sample_number, s.centre_slice, s.centre_row, s.centre_column, s.series_id, c.slice_index
        FROM training_sample AS s JOIN training_set AS t ON t.training_set_id = s.training_set_id
        LEFT JOIN slice AS c ON c.patient_id = s.patient_id AND c.slice_id = s.slice_id
        WHERE t.name = '{name}' ORDER BY s.sample_number
        """)  # noqa: S608
    rows = {number: (centre, key, index) for number, *centre, key, index in table.rows()}
    assert len(rows) == len(places)
    seen = 0
    for batch in made.batches(batch_size=5):
        for image, mask, number in zip(batch.image, batch.mask, batch.sample_number):
            centre, key, named = rows[int(number)]
            values, marks = truth[series[key]]
            starts = [placed(c, n) for c, n in zip(centre, (depth, 24, 32))]
            index = [np.clip(np.arange(s, s + n), 0, side - 1) for s, n, side in zip(starts, (depth, 24, 32), values.shape)]
            assert named == round(centre[0]) and named in index[0]
            window = np.clip((values[np.ix_(*index)] + 20) / 120, 0, 1)
            assert np.allclose(image[0] if layout == "NCDHW" else image, window, atol=1e-6)
            if layout == "NCHW":
                index[0] = [named]
            assert np.array_equal(mask[0] if layout == "NCDHW" else mask, marks[np.ix_(*index)])
            # Around a marked voxel there is a mark.
            assert mask.any() or centre[0] != int(centre[0])
            # The slice that names it lies where the affine says.
            corner = [named if layout == "NCHW" else starts[0], starts[1], starts[2], 1]
            first = np.linalg.inv(made.affine(int(number))) @ (whole_affine(masks, key) @ corner)
            assert np.allclose(first, [0, 0, 0, 1], atol=1e-6)
            seen += 1
    assert seen == len(places)
    assert baked(made, masks, tmp_path / "b")[0] == 0
    for one, other in zip(made.batches(shuffle=False), made.batches(shuffle=False, baked=str(tmp_path / "b"))):
        assert np.array_equal(one.mask, other.mask) and np.array_equal(one.image, other.image)
    assert checked(masks, made.title)[0] == 0


def whole_affine(warehouse, series):
    """From (slice, row, column, 1) of a series to mm, as its row in the warehouse has it."""
    table = slicehouse.open(warehouse.url).sql(
        f"""
        SELECT slice_spacing_mm, slice_direction_x, slice_direction_y, slice_direction_z,
            row_spacing_mm, column_direction_x, column_direction_y, column_direction_z,
            column_spacing_mm, row_direction_x, row_direction_y, row_direction_z, origin_x_mm, origin_y_mm, origin_z_mm
        FROM series WHERE series_id = {series}
        """)  # noqa: S608
    row = np.array(table.rows()[0], float)
    steps = [row[4 * i] * row[4 * i + 1:4 * i + 4] for i in range(3)]
    return np.vstack([np.column_stack([*steps, row[12:15]]), [0, 0, 0, 1]])


@pytest.fixture
def added_mark(masks, slices, truth):
    """Marks a further slice of a series with what one of its annotations marks on another: (series, marked, added)."""
    key, stack = next((k, s) for k, s in stacks_of(slices).items() if truth[s[0]["patient_key"]][1].any())
    marks = truth[stack[0]["patient_key"]][1].any((1, 2))
    marked, free = int(np.flatnonzero(marks)[0]), int(np.flatnonzero(~marks)[0])
    columns = "first_row, last_row, first_column, last_column, rle, voxel_count"

    def add():
        masks.execute([
            f"""INSERT INTO annotation_mask (patient_id, annotation_id, slice_id, {columns})
            SELECT patient_id, annotation_id, {stack[free]["slice_id"]}, {columns} FROM annotation_mask
            WHERE slice_id = {stack[marked]["slice_id"]}"""])  # fmt: skip

    yield key, marked, free, add
    masks.execute([f"DELETE FROM annotation_mask WHERE slice_id = {stack[free]['slice_id']}"])


@pytest.mark.parametrize("sample", ["slice", "context"])
def test_a_mark_that_came_later_is_refused_wherever_it_would_be_drawn(masks, added_mark, tmp_path, sample):
    extra = ["--context", "1"] if sample == "context" else []
    made, _ = create(masks, tmp_path, "later-" + sample, WINDOW, "--sample", sample, "--target", "mask", *extra, split="marks")
    assert checked(masks, made.title)[0] == 0
    *_, add = added_mark
    add()
    made = slicehouse.open(masks.url).training_set(made.title)
    with pytest.raises(slicehouse.TrainingSetError, match="mask of its sample .* is not what was frozen"):
        next(made.batches())
    code, error = baked(made, masks, tmp_path / "b")
    assert code == 65 and "is no longer what was frozen" in error
    code, _, error = program(
        "training-set", "export", made.title, "--format", "npy", "--out", str(tmp_path / "x"), "--database", masks.url)
    assert code == 65 and "is no longer what was frozen" in error
    code, found = checked(masks, made.title)
    assert code == 65 and found["targets"] == 1


def test_crops_draw_the_marks_that_they_name(masks, added_mark, slices, truth, tmp_path):
    key, marked, free, add = added_mark
    patient = next(row["patient_key"] for row in slices if row["series_id"] == key)
    row, column = np.argwhere(truth[patient][1][marked])[0].tolist()
    made, _ = create(masks, tmp_path, "named", {**WINDOW, "layout": "NCDHW"}, "--sample", "crop", "--shape", "1x24x32",
                     "--target", "mask", "--query", points(tmp_path, [(key, marked, row, column), (key, free, row, column)]),
                     split="marks")  # fmt: skip
    before = next(made.batches(shuffle=False))
    assert sorted(mask.any() for mask in before.mask) == [False, True]
    add()
    made = slicehouse.open(masks.url).training_set(made.title)
    after = next(made.batches(shuffle=False))
    assert np.array_equal(before.mask, after.mask)
    assert baked(made, masks, tmp_path / "b")[0] == 0
    assert np.array_equal(next(made.batches(shuffle=False, baked=str(tmp_path / "b"))).mask, before.mask)
    # A set that was created today would have it.
    code, found = checked(masks, made.title)
    assert code == 65 and found["targets"] == 1


@pytest.fixture
def twins(masks):
    """Every annotation once more, by the same reader, so that all marks overlap."""
    columns = "patient_id, series_id, reader_id, kind, target, label_term_id, rule, ingest_run_id, label_source_id"
    runs = "patient_id, slice_id, rle, voxel_count, first_row, last_row, first_column, last_column"
    masks.execute([
        f"""INSERT INTO annotation (annotation_id, annotation_key, {columns})
        SELECT annotation_id / 2 + 1, 'twin-' || annotation_key, {columns} FROM annotation WHERE kind = 'mask'""",
        f"""INSERT INTO annotation_mask (annotation_id, {runs})
        SELECT annotation_id / 2 + 1, {runs} FROM annotation_mask"""])  # fmt: skip
    yield
    twins = "annotation_id IN (SELECT annotation_id FROM annotation WHERE annotation_key LIKE 'twin-%')"
    masks.execute([f"DELETE FROM annotation_mask WHERE {twins}", f"DELETE FROM annotation WHERE {twins}"])


@pytest.mark.parametrize("sample", ["slice", "crop", "context"])
def test_class_weights_count_overlapping_marks_once(masks, twins, truth, tmp_path, sample):
    extra = {"crop": ["--shape", "5x24x32", "--outside", "pad"], "context": ["--context", "1"]}.get(sample, [])
    made, _ = create(masks, tmp_path, "twins-" + sample, {**WINDOW, "layout": "NCDHW"}, "--sample", sample, "--target", "mask",
                     "--class-weights", "balanced", *extra, split="marks")  # fmt: skip
    shown = np.concatenate([(batch.mask != 0).ravel() for batch in made.batches(shuffle=False)])
    counts = {name: part["count"] for name, part in made.class_weights["classes"].items()}
    assert counts == {"marked": int(shown.sum()), "background": int((~shown).sum())} and counts["background"] > 0
    if sample == "slice":
        assert counts["marked"] == sum(int(marks.sum()) for _, marks in truth.values())


def test_crops_that_name_marks_beside_them_are_told_and_can_be_used(masks, slices, truth, tmp_path):
    row = next(row for row in slices if row["annotations"])
    marks = truth[row["patient_key"]][1][row["slice_index"]]
    corners = [(r, c) for r in (12, MATRIX - 13) for c in (16, MATRIX - 17) if not marks[r - 12:r + 12, c - 16:c + 16].any()]
    place = (row["series_id"], row["slice_index"], *corners[0])
    made, _ = create(masks, tmp_path, "beside", {**WINDOW, "layout": "NCDHW"}, "--sample", "crop", "--shape", "1x24x32",
                     "--target", "mask", "--query", points(tmp_path, [place]), split="marks")  # fmt: skip
    assert made.sample_count == 1 and checked(masks, "beside")[0] == 0
    # As it was named before.
    is_server = masks.engine == "postgresql"
    target, digest = literal(row["annotations"], is_server), literal(target_digest([row], None, "mask"), is_server)
    masks.execute([
        f"""UPDATE training_sample SET target = {target}, target_digest = {digest} WHERE training_set_id =
        (SELECT training_set_id FROM training_set WHERE name = 'beside')"""])  # fmt: skip
    code, found = checked(masks, "beside")
    # The rows were changed by hand, which the digest of the set tells; the target itself is no change.
    assert code == 65 and found["digest"] == found["earlier_marks"] == 1 and "targets" not in found
    made = slicehouse.open(masks.url).training_set("beside")
    assert not next(made.batches()).mask.any()
    assert baked(made, masks, tmp_path / "b")[0] == 0


def runs_of(marks):
    """Lengths of alternating runs of a slice as LEB128, unmarked first: docs/formats.md, \"Masks\"."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], marks.ravel()]))).tolist()
    encoded = bytearray()
    for length in np.diff([0, *edges, marks.size]).tolist():
        while length >= 0x80:
            encoded.append(length & 0x7F | 0x80)
            length >>= 7
        encoded.append(length)
    return bytes(encoded)


@pytest.fixture
def ring(masks, slices):
    """A ring with a small lesion beside it, of one annotation: (series, marks) whose centre of mass is not marked."""
    key, stack = next((k, s) for k, s in stacks_of(slices).items() if any(row["annotations"] for row in s))
    marks = np.zeros((len(stack), MATRIX, MATRIX), bool)
    row, column = np.ogrid[:MATRIX, :MATRIX]
    distance = np.hypot(row - 60, column - 64)
    marks[2:6] = (distance > 14) & (distance < 19)
    marks[4:7, 30:34, 80:85] = True
    columns = "patient_id, series_id, reader_id, kind, target, label_term_id, rule, ingest_run_id, label_source_id"
    source = next(row["annotations"][0] for row in stack if row["annotations"])
    is_server = masks.engine == "postgresql"
    rows = []
    for z in np.flatnonzero(marks.any((1, 2))).tolist():
        where = np.argwhere(marks[z])
        rows.append(dict(
            patient_id=stack[z]["patient_id"], annotation_id=77, slice_id=stack[z]["slice_id"], rle=runs_of(marks[z]),
            voxel_count=len(where), first_row=int(where[:, 0].min()), last_row=int(where[:, 0].max()),
            first_column=int(where[:, 1].min()), last_column=int(where[:, 1].max())))  # fmt: skip
    values = ["(" + ", ".join(literal(value, is_server) for value in row.values()) + ")" for row in rows]
    masks.execute([
        f"""INSERT INTO annotation (annotation_id, annotation_key, {columns})
        SELECT 77, 'ring', {columns} FROM annotation WHERE annotation_id = {source}""",
        f"INSERT INTO annotation_mask ({', '.join(rows[0])}) VALUES {', '.join(values)}"])  # fmt: skip
    yield key, marks
    masks.execute(["DELETE FROM annotation_mask WHERE annotation_id = 77", "DELETE FROM annotation WHERE annotation_id = 77"])


@pytest.mark.parametrize("depth", [1, 5])
def test_a_crop_around_a_ring_lies_at_the_marked_voxel_nearest_to_its_middle(masks, ring, tmp_path, depth):
    key, marks = ring
    query = tmp_path / "ring.sql"
    query.write_text("SELECT annotation_id FROM annotation WHERE annotation_key = 'ring'")
    name = f"ring-{depth}"
    made, _ = create(masks, tmp_path, name, {**WINDOW, "layout": "NCDHW"}, "--sample", "crop", "--shape", f"{depth}x9x9",
                     "--target", "mask", "--outside", "pad", "--query", str(query), split="marks")  # fmt: skip
    opened = slicehouse.open(masks.url)
    centre = opened.sql(
        f"""
        SELECT s.centre_slice, s.centre_row, s.centre_column FROM training_sample AS s
        JOIN training_set AS t ON t.training_set_id = s.training_set_id WHERE t.name = '{name}'
        """).rows()  # noqa: S608
    spacing = np.array(opened.sql(
        f"SELECT slice_spacing_mm, row_spacing_mm, column_spacing_mm FROM series WHERE series_id = {key}").rows()[0])
    middle = np.array(ndimage.center_of_mass(marks))
    assert not marks[tuple(np.rint(middle).astype(int))]
    voxels = np.argwhere(marks)
    nearest = voxels[np.argmin((((voxels - middle) * spacing) ** 2).sum(1))]
    assert len(centre) == 1 and np.array_equal(centre[0], nearest)
    assert next(made.batches()).mask[0, 0, depth // 2 if depth == 1 else nearest[0] - placed(float(nearest[0]), depth)].any()
