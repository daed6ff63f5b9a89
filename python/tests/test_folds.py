"""Several folds read together: cross-validation with one training set, held-out folds that are left as they are."""

import collections
import csv
import json

import numpy as np
import pytest
import slicehouse
from philox import permutation
from training_sets import baked, create, program
from warehouses import WINDOW, freeze, run, take

FOLDS = ["fold-0", "fold-1", "fold-2"]
SMALL = {**WINDOW, "steps": [*WINDOW["steps"], {"step": "resize", "shape": [32, 32]}]}


@pytest.fixture(scope="module")
def kf(warehouse, tmp_path_factory):
    """A set of a split into three folds, with a plan and weights that the program made."""
    run("split", "create", "cv", "--k-folds", "3", "--method", "balanced", "--seed", "2", "--database", warehouse.url)
    made, _ = create(
        warehouse, tmp_path_factory.mktemp("kf"), "kf", SMALL, "--target", "mask", "--oversample", "balanced",
        "--class-weights", "balanced", split="cv")  # fmt: skip
    return made


@pytest.fixture(scope="module")
def frozen(warehouse, kf):
    """Fold and positivity of each sample, from the rows."""
    table = slicehouse.open(warehouse.url).sql(
        f"""SELECT s.sample_number, s.fold, CAST(s.target AS text) AS target FROM training_sample AS s
        JOIN training_set AS t ON t.training_set_id = s.training_set_id
        WHERE t.name = 'kf' AND t.version = {kf.version} ORDER BY s.sample_number""")
    return [(fold, bool(json.loads(target))) for _, fold, target in table.rows()]


def numbers(batches):
    return [n for batch in take(batches) for n in batch]


def epoch(frozen, read, trained):
    """The list of an epoch, by docs/formats.md: positives as often as fits into the negatives of the training folds."""
    counts = collections.Counter(positive for fold, positive in frozen if fold in trained)
    times = {kind: max(1, (2 * max(counts.values()) + n) // (2 * n)) for kind, n in counts.items()}
    return [n for n, (fold, positive) in enumerate(frozen) if fold in read
            for _ in range(times[positive] if fold in trained else 1)]  # fmt: skip


def test_every_round_trains_on_all_but_one_fold_and_holds_the_other_out_as_it_is(kf, frozen):
    seen = collections.Counter()
    rounds = list(kf.cross_validation())
    assert rounds == [(f"all-but:{fold}", fold) for fold in FOLDS]
    for train, held_out in rounds:
        others = [fold for fold in FOLDS if fold != held_out]
        trained = collections.Counter(numbers(kf.batches(train, batch_size=16)))
        assert trained == collections.Counter(epoch(frozen, others, others))
        assert max(trained.values()) > 1
        tested = collections.Counter(numbers(kf.batches(held_out, batch_size=16)))
        assert tested == {n: 1 for n, (fold, _) in enumerate(frozen) if fold == held_out}
        assert not set(trained) & set(tested) and set(trained) | set(tested) == set(range(len(frozen)))
        seen.update(tested)
    assert seen == {n: 1 for n in range(len(frozen))}


@pytest.mark.parametrize("split", [["fold-2", "fold-1"], ("fold-1", "fold-2"), "fold-1+fold-2", "fold-2+fold-1", "all-but:fold-0"])
def test_every_notation_of_the_same_folds_is_the_same_order(kf, frozen, split):
    listed = epoch(frozen, FOLDS[1:], FOLDS[1:])
    for seed, number in [(0, 0), (7, 3)]:
        got = numbers(kf.batches(split, seed=seed, epoch=number))
        assert got == [listed[i] for i in permutation(len(listed), seed, number)]
    with kf.batches(split) as batches:
        assert batches.info["folds"] == FOLDS[1:] == batches.info["trained_on"]


def test_the_order_is_that_of_one_rank_on_any_number_of_ranks_and_after_a_pause(kf):
    whole = numbers(kf.batches("all-but:fold-1", seed=3))
    for world_size in (2, 3):
        for consumed in (0, 11):
            ranks = [iter(numbers(kf.batches(["fold-0", "fold-2"], seed=3, batch_size=4, rank=r, world_size=world_size,
                                             tail="short", consumed=consumed))) for r in range(world_size)]  # fmt: skip
            assert [next(ranks[p % world_size]) for p in range(consumed, len(whole))] == whole[consumed:]


def test_repeating_is_said_or_left(kf, frozen):
    once = [n for n, (fold, _) in enumerate(frozen) if fold != "fold-0"]
    assert sorted(numbers(kf.batches("all-but:fold-0", oversample=False))) == once
    # Two folds are held out, and neither repeats.
    two = {"trained_on": "all-but:fold-0+fold-1"}
    assert sorted(numbers(kf.batches("all-but:fold-0+fold-1"))) == epoch(frozen, ["fold-2"], ["fold-2"])
    assert sorted(numbers(kf.batches("fold-0+fold-1", **two))) == epoch(frozen, FOLDS[:2], ["fold-2"])
    # Of two folds one is trained on: one name alone would be a held-out one.
    assert sorted(numbers(kf.batches("fold-2", trained_on=["fold-2"]))) == epoch(frozen, ["fold-2"], ["fold-2"])


def test_class_weights_are_of_the_folds_that_are_trained_on(kf, warehouse, slices, truth):
    folds = dict(slicehouse.open(warehouse.url).sql(
        "SELECT a.patient_id, a.fold FROM split_assignment AS a JOIN split AS s ON s.split_id = a.split_id "
        "WHERE s.name = 'cv'").rows())  # fmt: skip
    marked, voxels = collections.Counter(), collections.Counter()
    for row in slices:
        plane = truth[row["patient_key"]][1][row["slice_index"]]
        marked[folds[row["patient_id"]]] += int(plane.sum())
        voxels[folds[row["patient_id"]]] += plane.size
    for fold in FOLDS:
        others = [f for f in FOLDS if f != fold]
        count = sum(marked[f] for f in others), sum(voxels[f] for f in others)
        # sklearn.utils.class_weight.compute_class_weight("balanced"): n / (k × count)
        expected = {"marked": {"count": count[0], "weight": count[1] / (2 * count[0])},
                    "background": {"count": count[1] - count[0], "weight": count[1] / (2 * (count[1] - count[0]))}}  # fmt: skip
        for split in (f"all-but:{fold}", fold):
            with kf.batches(split) as batches:
                told = batches.info["class_weights"]
            for stored in (told["classes"], kf.class_weights["held_out"][fold]["classes"]):
                assert {k: v["count"] for k, v in stored.items()} == {k: v["count"] for k, v in expected.items()}
                assert {k: v["weight"] for k, v in stored.items()} == pytest.approx({k: v["weight"] for k, v in expected.items()})
            assert told["fold"] == "+".join(others)


def test_grades_weigh_what_their_class_weighs_in_the_training_folds(warehouse, slices):
    grades = {"a": [0, 0, 0, 1], "b": [0, 1, 2], "c": [0, 0, 1, 1]}
    patients = sorted({s["patient_id"] for s in slices})
    samples, counts = [], {}
    for (fold, own), patient in zip(grades.items(), patients):
        rows = [s for s in slices if s["patient_id"] == patient]
        samples += [{"slices": [row], "target": grade, "fold": fold} for row, grade in zip(rows, own)]
        counts[fold] = {"classes": {str(k): v for k, v in collections.Counter(own).items()}}
    made = freeze(warehouse, "weighed-rounds", WINDOW, samples, target_kind="grade",
                  class_weights={"kind": "balanced", "fold": None, "counts": counts})  # fmt: skip

    def weights(*arguments, **options):
        return {(int(t), float(w)) for b in made.batches(*arguments, **options) for t, w in zip(b.target, b.weight)}

    def single(weight):
        return float(np.float32(weight))

    # Trained on a and b: four of 0, two of 1, one of 2; on a and c: no 2, which then weighs 1.
    assert weights("all-but:c") == {(g, single(7 / (3 * n))) for g, n in [(0, 4), (1, 2), (2, 1)]}
    assert weights("c") == {(g, single(7 / (3 * n))) for g, n in [(0, 4), (1, 2)]}
    assert weights("b") == {(0, single(8 / (2 * 5))), (1, single(8 / (2 * 3))), (2, 1)}
    assert weights("b", trained_on="a") == {(0, single(4 / (2 * 3))), (1, single(4 / 2)), (2, 1)}


def test_a_set_with_training_folds_of_its_own_repeats_in_those_alone(warehouse, kf, frozen, tmp_path):
    made, _ = create(
        warehouse, tmp_path, "two-of-three", SMALL, "--target", "mask", "--oversample", "balanced", "--train-fold",
        "all-but:fold-2", split="cv")  # fmt: skip
    assert made.parameters["train_fold"] == "fold-0+fold-1" == made.sampling_plan["fold"]
    assert sorted(numbers(made.batches("fold-0"))) == epoch(frozen, FOLDS[:1], FOLDS[:2])
    assert sorted(numbers(made.batches("all-but:fold-0"))) == epoch(frozen, FOLDS[1:], FOLDS[:2])
    with pytest.raises(slicehouse.PlanError, match=r"trained_on must be fold-0\+fold-1, which the set was balanced for"):
        made.batches("fold-2", trained_on="fold-2")


def test_a_plan_over_all_folds_of_an_earlier_version_is_refused(warehouse, slices):
    plan = {"kind": "3", "fold": None, "repeats": [[0, 3]]}
    made = freeze(warehouse, "leaking", WINDOW, [{"slices": [s]} for s in slices[:6]], plan=plan)
    with pytest.raises(slicehouse.TrainingSetError, match="is of all folds, held-out ones too"):
        made.batches()
    assert len(numbers(made.batches(oversample=False))) == 6


def test_several_folds_come_from_a_bake_and_from_exports(kf, warehouse, tmp_path):
    code, error = baked(kf, warehouse, tmp_path / "bake")
    assert code == 0, error
    with kf.batches("all-but:fold-1", seed=2, augment=False) as plain, \
            kf.batches("all-but:fold-1", seed=2, augment=False, baked=tmp_path / "bake") as copied:  # fmt: skip
        assert copied.info["baked"] and not plain.info["baked"]
        for a, b in zip(plain, copied, strict=True):
            assert all(np.array_equal(getattr(a, part), getattr(b, part)) for part in ("image", "mask", "sample_number"))
    for fold in (["--fold", "all-but:fold-1"], ["--fold", "fold-0+fold-2"], ["--fold", "fold-0", "--fold", "fold-2"]):
        folder = tmp_path / "".join(fold).replace(":", "")
        code, output, error = program(
            "training-set", "export", kf.title, "--format", "csv", "--out", str(folder), *fold, "--json", "--database",
            warehouse.url)  # fmt: skip
        assert code == 0, error
        assert json.loads(output)["folds"] == {f: kf.folds[f] for f in ("fold-0", "fold-2")}
    code, _, error = program("training-set", "export", kf.title, "--format", "csv", "--out", str(tmp_path / "no"),
                             "--fold", "fold-0+fold-7", "--database", warehouse.url)  # fmt: skip
    assert code == 64 and "there is no fold fold-7" in error


def exported(warehouse, title, folder, *arguments):
    """Messages, manifest and index of an export."""
    code, _, error = program("training-set", "export", title, "--format", "csv", "--out", str(folder), *arguments,
                             "--database", warehouse.url)  # fmt: skip
    assert code == 0, error
    with open(folder / "index.csv", newline="") as file:
        return error, json.loads((folder / "manifest.json").read_text()), list(csv.DictReader(file))


@pytest.mark.parametrize("held_out", [["fold-1"], ["fold-0", "fold-2"]])
def test_an_export_tells_weights_and_plan_of_the_round_that_it_is_for(kf, warehouse, frozen, tmp_path, held_out):
    trained = [fold for fold in FOLDS if fold not in held_out]
    _, manifest, rows = exported(warehouse, kf.title, tmp_path / "round", "--held-out", "+".join(held_out))
    assert manifest["held_out"] == held_out and manifest["trained_on"] == trained
    with kf.batches(trained, trained_on=trained) as batches:
        assert manifest["class_weights"] == batches.info["class_weights"]
    # All folds, each sample once; those that are trained on with the times of docs/formats.md.
    expected = collections.Counter(epoch(frozen, FOLDS, trained))
    assert {int(row["sample_number"]): int(row["times"]) for row in rows} == expected and len(rows) == len(frozen)
    assert {int(row["sample_number"]): row["fold"] for row in rows} == {n: fold for n, (fold, _) in enumerate(frozen)}
    plan = manifest["sampling_plan"]
    assert plan["fold"] == "+".join(trained) and plan["kind"] == "balanced"
    assert {number: times for number, times in plan["repeats"]} == {n: t for n, t in expected.items() if t != 1}
    counts = collections.Counter(positive for fold, positive in frozen if fold in trained)
    assert {name: entry["count"] for name, entry in plan["classes"].items()} == {
        "positive": counts[True], "negative": counts[False]}  # fmt: skip


def test_an_export_of_one_fold_has_the_plan_of_all_that_are_trained_on(kf, warehouse, frozen, tmp_path):
    said, manifest, rows = exported(warehouse, kf.title, tmp_path / "one", "--fold", "fold-0", "--held-out", "fold-2")
    assert {row["fold"] for row in rows} == {"fold-0"} and "--held-out" not in said
    expected = collections.Counter(epoch(frozen, FOLDS[:2], FOLDS[:2]))
    assert {number: times for number, times in manifest["sampling_plan"]["repeats"]} == {
        n: t for n, t in expected.items() if t != 1}  # fmt: skip


def test_an_export_of_no_round_says_so(kf, warehouse, tmp_path):
    said, manifest, rows = exported(warehouse, kf.title, tmp_path / "none")
    assert "--held-out FOLD writes those of one round" in said
    assert manifest["held_out"] is None and manifest["trained_on"] is None
    assert manifest["class_weights"] == kf.class_weights and manifest["sampling_plan"] == kf.sampling_plan
    assert {(row["weight"], row["times"]) for row in rows} == {("1", "1")}


def test_an_export_weighs_grades_by_the_folds_that_are_trained_on(warehouse, slices, tmp_path):
    grades = {"a": [0, 0, 0, 1], "b": [0, 1, 2]}
    patients = sorted({s["patient_id"] for s in slices})
    samples = []
    for (fold, own), patient in zip(grades.items(), patients):
        rows = [s for s in slices if s["patient_id"] == patient]
        samples += [{"slices": [row], "target": grade, "fold": fold} for row, grade in zip(rows, own)]
    counts = {"a": {"classes": {"0": 3, "1": 1}}, "b": {"classes": {"0": 1, "1": 1, "2": 1}}}
    freeze(warehouse, "weighed-exports", WINDOW, samples, target_kind="grade", class_weights={
        "kind": "balanced", "fold": None, "counts": counts, "held_out": {}},
        parameters={"sample": {"kind": "slice"}, "target": {"kind": "grade", "domains": ["level"]}})  # fmt: skip
    _, manifest, rows = exported(warehouse, "weighed-exports", tmp_path / "a", "--held-out", "b")
    # n / (k × count): 4 samples of 2 classes; grade 2, which fold a lacks, weighs 1.
    expected = {"0": 4 / (2 * 3), "1": 4 / (2 * 1), "2": 1}
    assert [float(row["weight"]) for row in rows] == [expected[row["target"]] for row in rows] and len(rows) == 7
    assert manifest["class_weights"]["fold"] == "a" and manifest["sampling_plan"] is None


def test_a_round_that_a_set_does_not_have_is_refused(kf, warehouse, slices, tmp_path):
    own, _ = create(
        warehouse, tmp_path, "own-folds", SMALL, "--target", "mask", "--oversample", "balanced", "--train-fold",
        "all-but:fold-2", split="cv")  # fmt: skip
    plan = {"kind": "3", "fold": None, "repeats": [[0, 3]]}
    halves = [{"slices": [s], "fold": fold} for s, fold in ((slices[0], "a"), (slices[-1], "b"))]
    freeze(warehouse, "leaking-export", WINDOW, halves, plan=plan,
           parameters={"sample": {"kind": "slice"}, "target": {"kind": "mask"}})  # fmt: skip
    for title, held_out, words in [
        (kf.title, "fold-7", "--held-out fold-7: there is no fold fold-7"),
        (kf.title, "fold-0+fold-1+fold-2", "no fold is left to train on"),
        (own.title, "fold-0", "class weights and plan of own-folds@1 are of fold-0+fold-1"),
        ("leaking-export", "a", "its sampling plan is of all folds, held-out ones too"),
    ]:
        code, _, error = program("training-set", "export", title, "--format", "csv", "--out", str(tmp_path / "no"),
                                 "--held-out", held_out, "--database", warehouse.url)  # fmt: skip
        assert code == 64 and words in error, error
        assert not (tmp_path / "no").exists() and not list(tmp_path.glob(".no.slicehouse-*"))
    # What it was balanced for is what it has.
    _, manifest, rows = exported(warehouse, own.title, tmp_path / "own", "--held-out", "fold-2")
    assert manifest["sampling_plan"] == own.sampling_plan and manifest["trained_on"] == FOLDS[:2]
    repeats = dict(own.sampling_plan["repeats"])
    assert {int(row["sample_number"]): int(row["times"]) for row in rows} == {
        number: repeats.get(number, 1) for number in range(own.sample_count)}  # fmt: skip


def test_a_preview_shows_several_folds_and_show_says_what_is_held_out(kf, warehouse, tmp_path):
    code, output, error = program("batches", "preview", kf.title, "--fold", "all-but:fold-0", "--out",
                                  str(tmp_path / "p.png"), "--tile", "32", "--database", warehouse.url)  # fmt: skip
    assert code == 0 and "fold all-but:fold-0" in output, error
    code, output, _ = program("training-set", "show", kf.title, "--database", warehouse.url)
    assert code == 0
    for fold in FOLDS:
        assert f"class weights balanced, {fold} held out: " in output
        assert f"oversampling  balanced, {fold} held out: " in output


def test_folds_that_are_none_are_told(kf, warehouse, slices):
    for split, kind, words in [
        ("fold-1+fold-9", slicehouse.NotFoundError, "no fold fold-9; it has fold-0, fold-1, fold-2"),
        ("all-but:fold-9", slicehouse.NotFoundError, "no fold fold-9"),
        ("fold-1+fold-1", slicehouse.PlanError, "fold fold-1 is named twice"),
        ("all-but:fold-0+fold-1+fold-2", slicehouse.PlanError, "no fold is left"),
        ([], slicehouse.PlanError, "no fold is named"),
        ([1, 2], TypeError, "Folds are named by texts"),
        (None, TypeError, "Folds are named by texts, such as 'train' .*, not None"),
        (5, TypeError, "Folds are named by texts"),
    ]:
        with pytest.raises(kind, match=words):
            kf.batches(split)
    with pytest.raises(slicehouse.NotFoundError, match="no fold other"):
        kf.batches("fold-0", trained_on="other")
    single = freeze(warehouse, "one-fold", WINDOW, [{"slices": [s]} for s in slices[:3]])
    with pytest.raises(slicehouse.PlanError, match="nothing to hold out"):
        single.cross_validation()
