"""Batches from both engines against nibabel's reading of the files that were ingested."""

import collections
import time
import typing

import numpy as np
import pytest
import slicehouse

from philox import permutation
from warehouses import MATRIX, WINDOW, freeze, take


def window(values, center=40, width=120):
    return np.clip((values - (center - width / 2)) / width, 0, 1).astype(np.float32)


def test_batches_are_the_pixels_and_marks_of_the_files(ich, slices, truth):
    seen = 0
    for batch in ich.batches(batch_size=16, seed=4):
        for image, mask, number, weight in zip(batch.image, batch.mask, batch.sample_number, batch.weight):
            row = slices[number]
            values, marks = truth[row["patient_key"]]
            # The intercept of the file is a float32 that nibabel and we widen alike.
            assert np.allclose(image[0], window(values[row["slice_index"]]), atol=1e-6)
            assert np.array_equal(mask[0], marks[row["slice_index"]])
            assert weight == 1 + number / 8
            seen += 1
    assert seen == ich.folds["train"] > 100
    assert batch.image.dtype == np.float32 and batch.mask.dtype == np.uint8
    assert ich.folds["validation"] + seen == len(slices)


def test_the_order_is_that_of_the_documented_permutation(ich):
    train = sorted(number for batch in take(ich.batches(shuffle=False)) for number in batch)
    for seed, epoch in [(0, 0), (1, 0), (2**40 + 3, 2**33 + 1)]:
        got = [n for batch in take(ich.batches(seed=seed, epoch=epoch)) for n in batch]
        assert got == [train[i] for i in permutation(len(train), seed, epoch)]


@pytest.mark.parametrize("world_size", [1, 2, 4, 8])
@pytest.mark.parametrize("workers", [1, 2, 4])
def test_the_global_order_is_the_same_on_any_number_of_ranks_and_workers(ich, world_size, workers):
    expected = [n for batch in take(ich.batches(seed=3, batch_size=64)) for n in batch]
    positions = {}
    for rank in range(world_size):
        by_worker = [
            take(ich.batches(seed=3, batch_size=4, rank=rank, world_size=world_size, worker=w, workers=workers, tail="short"))
            for w in range(workers)
        ]
        merged = [n for b in range(sum(map(len, by_worker))) for n in by_worker[b % workers][b // workers]]
        positions.update({rank + i * world_size: n for i, n in enumerate(merged)})
    assert [positions[p] for p in range(len(expected))] == expected


def test_resume_at_any_sample_on_another_number_of_ranks(ich):
    whole = [n for batch in take(ich.batches(seed=5)) for n in batch]
    for consumed in [0, 1, 7, 31, len(whole) - 1, len(whole)]:
        for world_size in (1, 3):
            ranks = [take(ich.batches(seed=5, batch_size=5, consumed=consumed, rank=r, world_size=world_size, tail="short"))
                     for r in range(world_size)]  # fmt: skip
            rest = collections.defaultdict(list)
            for r in range(world_size):
                rest[r] = [n for batch in ranks[r] for n in batch]
            got = []
            for position in range(consumed, len(whole)):
                got.append(rest[position % world_size].pop(0))
            assert got == whole[consumed:] and not any(rest.values())


def test_consumed_of_a_batch_resumes_behind_it(ich):
    whole = take(ich.batches(seed=6, batch_size=8))
    with ich.batches(seed=6, batch_size=8) as batches:
        for _ in range(3):
            batch = next(batches)
    assert batch.consumed == 24 == batches.consumed
    assert take(ich.batches(seed=6, batch_size=8, consumed=24)) == whole[3:]


def test_tails(ich):
    count = ich.folds["train"]
    assert count % 28 != 0
    for tail in ("drop", "pad", "short"):
        with_tail = [[], []]
        for rank in range(2):
            for batch in ich.batches(batch_size=14, rank=rank, world_size=2, tail=tail):
                with_tail[rank].append((batch.sample_number.tolist(), batch.valid_count))
        first, second = with_tail
        assert len(first) == len(second) == (count // 28 if tail == "drop" else -(-count // 28))
        valid = [n for r in with_tail for numbers, v in r for n in numbers[:v]]
        assert len(valid) == len(set(valid)) == (count // 28 * 28 if tail == "drop" else count)
        sizes = {len(numbers) for r in with_tail for numbers, _ in r}
        assert sizes == {14} if tail != "short" else 14 in sizes
    # Fewer samples than ranks: each still gets one batch.
    lengths = [len(b) for r in range(8) for b in take(ich.batches(batch_size=1, consumed=count - 3, rank=r, world_size=8, tail="short"))]
    assert sorted(lengths) == [0] * 5 + [1] * 3


def test_labels_grades_and_spheres(warehouse, slices):
    some = slices[:10]
    labels = [[1, 0, None], [0, 1, 1]] * 5
    made = freeze(warehouse, "labels", WINDOW, [{"slices": [s], "target": t} for s, t in zip(some, labels)],
                  target_kind="labels", parameters={"target": {"domains": ["any", "epidural", "subdural"]}})  # fmt: skip
    batch = next(made.batches(batch_size=10, shuffle=False))
    assert batch.mask is None
    assert np.array_equal(batch.target, np.array(labels, dtype=float).astype(np.float32), equal_nan=True)
    made = freeze(warehouse, "grades", WINDOW, [{"slices": [s], "target": i} for i, s in enumerate(some)], target_kind="grade")
    assert next(made.batches(batch_size=10, shuffle=False)).target.tolist() == list(range(10))
    spheres = [[[0.25, 2, 3, 4, 5, 6.5]] * (i % 3) for i in range(10)]
    made = freeze(warehouse, "spheres", WINDOW, [{"slices": [s], "target": t} for s, t in zip(some, spheres)], target_kind="spheres",
                  parameters={"target": {"voxels": "sample"}})  # fmt: skip
    target = next(made.batches(batch_size=10, shuffle=False)).target
    assert target.shape == (10, 2, 6) and target[1, 0].tolist() == spheres[1][0]
    assert [int((~np.isnan(t[:, 0])).sum()) for t in target] == [i % 3 for i in range(10)]


def series_of(slices):
    series = collections.defaultdict(list)
    for s in slices:
        series[s["series_id"]].append(s)
    return [sorted(list_, key=lambda s: s["slice_index"]) for list_ in series.values()]


def test_a_context_has_its_neighbours_as_channels(warehouse, slices, truth):
    samples = []
    for stack in series_of(slices):
        last = len(stack) - 1
        samples += [{"slices": [stack[min(max(i + d, 0), last)] for d in (-1, 0, 1)]} for i in range(last + 1)]
    made = freeze(warehouse, "context", WINDOW, samples, sample_kind="context", parameters={"sample": {"context": 1}, "target": {"slices": "middle"}})
    seen = 0
    for batch in made.batches(batch_size=7):
        assert batch.image.shape[1:] == (3, MATRIX, MATRIX) and batch.mask.shape[1:] == (1, MATRIX, MATRIX)
        for image, mask, number in zip(batch.image, batch.mask, batch.sample_number):
            rows = samples[number]["slices"]
            values, marks = truth[rows[0]["patient_key"]]
            assert np.allclose(image, window(values[[r["slice_index"] for r in rows]]), atol=1e-6)
            assert np.array_equal(mask[0], marks[rows[1]["slice_index"]])
            seen += 1
    assert seen == len(slices)


@pytest.mark.parametrize("outside", ["shift", "pad"])
def test_crops_in_three_axes(warehouse, slices, truth, outside):
    chance = np.random.default_rng(8)
    shape = (5, 24, 40)
    samples, places = [], []
    for stack in series_of(slices):
        for _ in range(6):
            sides = (len(stack), MATRIX, MATRIX)
            centre = chance.uniform(0, np.array(sides) - 1)
            starts = [round(c - n / 2) for c, n in zip(centre, shape)]
            if outside == "shift":
                starts = [min(max(s, 0), side - n) for s, side, n in zip(starts, sides, shape)]
            index = [np.clip(np.arange(s, s + n), 0, side - 1) for s, side, n in zip(starts, sides, shape)]
            places.append(index)
            samples.append({"slices": [stack[i] for i in index[0]], "centre": tuple(float(c) for c in centre[::-1])})
    made = freeze(warehouse, f"crop-{outside}", {**WINDOW, "layout": "NCDHW"}, samples, sample_kind="crop",
                  parameters={"sample": {"shape": shape, "outside": outside}})  # fmt: skip
    for batch in made.batches(batch_size=5):
        for image, mask, number in zip(batch.image, batch.mask, batch.sample_number):
            values, marks = truth[samples[number]["slices"][0]["patient_key"]]
            assert np.allclose(image[0], window(values[np.ix_(*places[number])]), atol=1e-6)
            assert np.array_equal(mask[0], marks[np.ix_(*places[number])])


def test_whole_volumes_resampled_like_the_recipe_alone(warehouse, slices, truth):
    stacks = series_of(slices)
    recipe = {"layout": "NCDHW", "steps": [{"step": "clip", "range": [-100, 200]}, {"step": "resize", "shape": [16, 32, 32]}]}
    made = freeze(warehouse, "volume", recipe, [{"slices": s} for s in stacks], sample_kind="volume")
    for batch in made.batches(batch_size=2):
        for image, mask, number in zip(batch.image, batch.mask, batch.sample_number):
            values, marks = truth[stacks[number][0]["patient_key"]]
            expected, expected_mask = made.recipe.render(values, marks)
            assert np.allclose(image, expected, atol=1e-3) and np.array_equal(mask, expected_mask)


def test_augmentation_is_a_function_of_seed_epoch_and_sample(warehouse, slices, truth):
    recipe = {**WINDOW, "augment": {"flip_columns": 0.5, "rotation_degrees": 15, "noise": [0, 0.05]}}
    made = freeze(warehouse, "augmented", recipe, [{"slices": [s]} for s in slices[:40]])
    one = {n: i for b in made.batches(seed=2, epoch=1, batch_size=3, threads=1) for n, i in zip(b.sample_number.tolist(), b.image)}
    for rank in range(3):
        for b in made.batches(seed=2, epoch=1, batch_size=5, rank=rank, world_size=3, tail="short"):
            for n, image in zip(b.sample_number.tolist(), b.image):
                assert np.array_equal(image, one[n])
    plain = next(made.batches(shuffle=False, batch_size=40)).image
    assert np.allclose(plain[7, 0], window(truth[slices[7]["patient_key"]][0][slices[7]["slice_index"]]), atol=1e-6)
    assert not np.array_equal(plain[7], one[7])


def test_an_oversampling_plan_repeats_samples(warehouse, slices):
    plan = {"kind": "3", "repeats": [[0, 3], [4, 0], [7, 2]]}
    made = freeze(warehouse, "oversampled", WINDOW, [{"slices": [s]} for s in slices[:10]], plan=plan)
    counts = collections.Counter(n for b in take(made.batches(batch_size=4)) for n in b)
    assert counts == {0: 3, 1: 1, 2: 1, 3: 1, 5: 1, 6: 1, 7: 2, 8: 1, 9: 1}


def test_arrays_outlive_their_batch_and_are_not_used_again(ich):
    with ich.batches(batch_size=8, shuffle=False, prefetch=1, threads=1) as batches:
        kept = [next(batches).image for _ in range(6)]
        copies = [image.copy() for image in kept]
        for _ in batches:
            pass
    assert all(np.array_equal(a, b) for a, b in zip(kept, copies))
    assert kept[0].flags.writeable and not kept[0].flags.owndata


def test_memory_is_bounded_when_nobody_takes_batches(ich):
    with ich.batches(batch_size=4, prefetch=2) as batches:
        time.sleep(0.5)
        assert sum(1 for _ in batches) == len(batches)


def test_a_set_is_refused_when_targets_changed(warehouse, slices):
    marked = max(([s for s in stack if s["runs"]] for stack in series_of(slices)), key=len)[:3]
    was = {**marked[1], "runs": marked[1]["runs"] + b"\x01"}
    made = freeze(warehouse, "masks", WINDOW, [{"slices": [s]} for s in (marked[0], was, marked[2])])
    with pytest.raises(slicehouse.TrainingSetError, match="the mask of its sample 1 is not what was frozen"):
        made.batches()
    stacks = [marked, [marked[0], was, marked[2]], [marked[0], marked[1], {**marked[2], "runs": b""}]]
    deep = {**WINDOW, "layout": "NCDHW"}
    made = freeze(warehouse, "stacks", deep, [{"slices": s} for s in stacks], sample_kind="context",
                  parameters={"sample": {"context": 1}})  # fmt: skip
    with pytest.raises(slicehouse.TrainingSetError, match="sample 1, and that of 1 more, is not"):
        made.batches()
    grades = [{"slices": [s], "target": i, "frozen": 2 if i == 7 else i} for i, s in enumerate(slices[:10])]
    made = freeze(warehouse, "changed-grades", WINDOW, grades, target_kind="grade")
    with pytest.raises(slicehouse.TrainingSetError, match="the target of its sample 7 is not what was frozen"):
        made.batches()


def test_a_set_is_refused_when_pixels_changed(warehouse, slices):
    changed = [{**s, "pixel_digest": bytes(32)} for s in slices[:3]]
    made = freeze(warehouse, "changed", WINDOW, [{"slices": [s]} for s in changed])
    with pytest.raises(slicehouse.TrainingSetError, match="3 of its slices have other pixels"):
        made.batches()


def test_a_fold_without_samples_is_one_without_batches(warehouse, slices):
    deep = {**WINDOW, "augment": {"flip_rows": 1}}
    made = freeze(warehouse, "hollow", deep, [{"slices": [s]} for s in slices[:5]], empty_folds=["test", "validation"])
    assert made.folds == {"test": 0, "train": 5, "validation": 0} and made.sample_count == 5
    for options in ({}, {"tail": "drop"}, {"rank": 1, "world_size": 2}, {"shuffle": False}, {"workers": 2, "worker": 1}):
        with made.batches("test", **options) as batches:
            assert len(batches) == 0 and list(batches) == [] and batches.consumed == 0
            assert batches.info["epoch_count"] == 0
    with pytest.raises(slicehouse.NotFoundError, match="no fold other; it has test, train, validation"):
        made.batches("other")


def test_mistakes_are_sentences(warehouse, ich):
    opened = slicehouse.open(warehouse.url)
    for call, kind, words in [
        (lambda: opened.training_set("nothing"), slicehouse.NotFoundError, "no training set nothing"),
        (lambda: opened.training_set("ich@9"), slicehouse.NotFoundError, "ich@9"),
        (lambda: ich.batches("test"), slicehouse.NotFoundError, "no fold test; it has train, validation"),
        (lambda: ich.batches(batch_size=0), slicehouse.PlanError, "batch_size"),
        (lambda: ich.batches(rank=2, world_size=2), slicehouse.PlanError, "rank"),
        (lambda: ich.batches(world_size=2), slicehouse.PlanError, "world_size is 2 and rank is not given, .* give both"),
        (lambda: ich.batches(world_size=0), slicehouse.PlanError, "world_size must be at least 1"),
        (lambda: ich.batches(tail="trim"), slicehouse.PlanError, "drop, pad or short"),
        (lambda: ich.batches(consumed=10**9), slicehouse.PlanError, "consumed"),
        (lambda: ich.batches(threads=0), slicehouse.PlanError, "threads must be at least 1"),
        (lambda: ich.batches(prefetch=0), ValueError, "prefetch must be at least 1"),
        (lambda: ich.batches(retry_seconds=-1), slicehouse.PlanError, "retry_seconds must be a number of seconds, at least 0"),
        (lambda: ich.batches(retry_seconds="long"), slicehouse.PlanError, "retry_seconds must be a number"),
        (lambda: ich.batches(retry_seconds=float("inf")), slicehouse.PlanError, "must be finite"),
        (lambda: ich.batches(epoch=-1), slicehouse.PlanError, "epoch must be at least 0"),
        (lambda: ich.batches(verify=2), slicehouse.PlanError, "verify must be true or false"),
        (lambda: opened.training_set(None), TypeError, "a string such as ich@1, not NoneType"),
        (lambda: opened.sql(None), TypeError, "The statement must be a string"),
        (lambda: slicehouse.open(5), TypeError, "a string such as sqlite:PATH .*, not int"),
        (lambda: slicehouse.Warehouse(None), TypeError, "The warehouse must be a string"),
        (lambda: opened.sql("SELECT nothing FROM slice"), slicehouse.DatabaseError, "nothing"),
        (lambda: opened.sql("SELECT 1 AS a, 2 AS b, 3 AS a"), slicehouse.Error, "Two columns are called a, .* with AS"),
        (lambda: opened.sql("DELETE FROM slice"), slicehouse.DatabaseError, "the statement writes, and .* only reads"),
        (lambda: opened.sql("CREATE TABLE t (a INTEGER)"), slicehouse.DatabaseError, "the statement writes, and .* only reads"),
        (lambda: opened.sql("VACUUM"), slicehouse.DatabaseError, "the statement writes.* only reads"),
        (lambda: slicehouse.open("mysql://x:secret@y"), slicehouse.Error, "sqlite:PATH"),
    ]:
        with pytest.raises(kind, match=words) as caught:
            call()
        assert "secret" not in str(caught.value)


def test_options_may_be_integers_of_numpy(ich):
    wanted = take(ich.batches(batch_size=4, seed=3, epoch=1))
    assert take(ich.batches(batch_size=np.int64(4), seed=np.uint8(3), epoch=np.int32(1))) == wanted


def test_options_may_be_floats_and_booleans_of_numpy(ich):
    wanted = take(ich.batches(batch_size=4, shuffle=False))
    for number in (np.float16, np.float32, np.float64, np.longdouble):
        got = ich.batches(batch_size=4, shuffle=np.bool_(False), oversample=np.bool_(True), retry_seconds=number(3))
        assert take(got) == wanted
    with pytest.raises(slicehouse.PlanError, match="must be finite"):
        ich.batches(retry_seconds=np.float32("nan"))


def test_parts_that_every_batch_has_are_typed_so():
    hints = typing.get_type_hints(slicehouse.Batch)
    assert hints["image"] == hints["sample_number"] == hints["weight"] == np.ndarray
    assert type(None) in typing.get_args(hints["mask"]) and type(None) in typing.get_args(hints["target"])
    for name in ("to_pandas", "to_polars", "to_arrow"):
        assert typing.get_type_hints(getattr(slicehouse.Table, name))["return"] is typing.Any


@pytest.mark.parametrize("text", ["SELECT $1 AS a", "SELECT ?1 AS a"])
def test_sql_has_no_values_for_parameters(warehouse, text):
    with pytest.raises(slicehouse.DatabaseError, match=r"the parameter [$?]1 has no value; write the value itself\.$"):
        slicehouse.open(warehouse.url).sql(text)


@pytest.mark.parametrize("text", ["SELECT 1; SELECT 2", "SELECT 1;\n-- then\nDELETE FROM slice;"])
def test_sql_takes_one_statement(warehouse, text):
    with pytest.raises(slicehouse.DatabaseError, match=r"holds more than one statement \(2\); run them one by one\.$"):
        slicehouse.open(warehouse.url).sql(text)


@pytest.mark.parametrize("text", ["", " \n", ";", "-- nothing", "/* SELECT 1 */ ;"])
def test_sql_of_nothing_is_said(warehouse, text):
    with pytest.raises(slicehouse.DatabaseError, match="The SQL cannot be run: it holds no statement"):
        slicehouse.open(warehouse.url).sql(text)


@pytest.mark.parametrize("text", ["SELECT 1 AS a;", "/* ; */ SELECT 1 AS a -- ;", "SELECT ';' AS a ; ; -- and no more"])
def test_sql_ends_in_semicolons_and_comments(warehouse, text):
    assert slicehouse.open(warehouse.url).sql(text).row_count == 1


def test_sql_gives_columns(warehouse, slices):
    opened = slicehouse.open(warehouse.url)
    table = opened.sql("SELECT patient_id, slice_index, position_mm, rescale_slope, pixel_type, pixel_digest FROM slice ORDER BY slice_id LIMIT 4")
    assert table.names[1] == "slice_index" and table["patient_id"].dtype == np.int64
    assert table["position_mm"].dtype == np.float64 and table["pixel_type"][0] == "i16" and len(table["pixel_digest"][0]) == 32
    assert table.row_count == 4 and len(table.rows()) == 4
    counts = opened.sql("SELECT 1 AS a, NULL AS b, 2.5 AS c, 'é' AS d UNION ALL SELECT NULL, NULL, NULL, NULL")
    assert counts["a"].tolist() == [1, None] and counts["d"].tolist() == ["é", None]
    assert counts["b"].tolist() == [None, None] and np.isnan(counts["c"].astype(float)[1])


def test_columns_without_values_have_the_type_of_the_database(warehouse):
    opened = slicehouse.open(warehouse.url)
    columns = "slice_id, position_mm, window_center, pixel_type"
    empty = opened.sql(f"SELECT {columns} FROM slice WHERE slice_id IS NULL")  # noqa: S608
    assert [empty[name].dtype for name in empty.names] == [np.int64, np.float64, np.float64, object]
    unknown = opened.sql(
        "SELECT other.slice_id FROM dataset LEFT JOIN slice AS other ON other.slice_id IS NULL LIMIT 1")["slice_id"]
    assert unknown.dtype == np.int64 and unknown.tolist() == [None]


@pytest.fixture
def few(warehouse, slices, request):
    """A set of five slices that says what a sample is."""
    name = "few-" + str(abs(hash(request.node.name)))
    return freeze(warehouse, name, WINDOW, [{"slices": [s]} for s in slices[:5]], parameters={"sample": {"kind": "slice"}})


def test_a_closed_training_set_says_so(few):
    with few as made:
        running = made.batches(shuffle=False, batch_size=2)
        first = next(running)
        assert made.affine(0).shape == (4, 4)
        running.close()
    for call in (lambda: made.affine(0), lambda: made.batches(), lambda: made.affine(2**70)):
        with pytest.raises(slicehouse.Error, match="few-.*@1 was closed; open it again"):
            call()
    made.close()
    # What it said of itself stays, and so do batches.
    assert made.title.endswith("@1") and len(first) == 2


@pytest.mark.parametrize("number", [-1, 10**6, 2**63 - 1, 2**63, 2**64, 2**70, -(2**70)])
def test_a_number_that_no_sample_has_is_not_found(few, number):
    with pytest.raises(slicehouse.NotFoundError, match=f"no sample {number}"):
        few.affine(number)
    with pytest.raises(LookupError):
        few.affine(number)


def test_a_number_of_a_sample_is_an_integer(few):
    assert np.array_equal(few.affine(np.int32(1)), few.affine(1))
    with pytest.raises(TypeError):
        few.affine(1.5)
