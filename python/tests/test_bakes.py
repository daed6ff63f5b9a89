"""A bake in place of the database."""

import hashlib
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import slicehouse

from warehouses import WINDOW, freeze


def write_bake(folder, made, name="bake", shard=50):
    """What `slicehouse training-set bake` writes, written by NumPy after docs/formats.md."""
    shards = []
    (folder / name / "train").mkdir(parents=True)
    images, masks = (np.concatenate(parts) for parts in zip(*((b.image, b.mask) for b in made.batches(shuffle=False))))
    for first in range(0, len(images), shard):
        names = {part: f"train/{part}-{first // shard:05}.npy" for part in ("image", "mask")}
        np.save(folder / name / names["image"], images[first:first + shard])
        np.save(folder / name / names["mask"], masks[first:first + shard])
        shards.append({**names, "first": first, "samples": len(images[first:first + shard])})
    files = [{"path": str(path.relative_to(folder / name)), "bytes": path.stat().st_size,
              "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
             for path in sorted((folder / name / "train").iterdir())]  # fmt: skip
    manifest = {"format": "slicehouse-baked-1", "digest": made.digest, "training_set": made.title, "files": files,
                "folds": {"train": {"samples": len(images), "shards": shards}}}  # fmt: skip
    (folder / name / "manifest.json").write_text(json.dumps(manifest))
    return folder / name


def test_a_bake_gives_the_same_batches(ich, tmp_path, monkeypatch):
    bake = write_bake(tmp_path, ich)
    expected = [(b.sample_number.copy(), b.image.copy(), b.mask.copy(), b.weight.copy()) for b in ich.batches(seed=8)]
    with ich.batches(seed=8, baked=bake) as batches:
        assert batches.info["baked"]
        for got, want in zip(batches, expected, strict=True):
            parts = (got.sample_number, got.image, got.mask, got.weight)
            assert all(np.array_equal(a, b) for a, b in zip(parts, want))
    assert not ich.batches("validation", baked=bake).info["baked"]
    monkeypatch.setenv("SLICEHOUSE_BAKED", str(tmp_path))
    assert not ich.batches().info["baked"]
    bake.rename(tmp_path / ich.title)
    assert ich.batches().info["baked"]


def test_a_bake_of_more_files_than_a_process_may_open(ich, tmp_path):
    bake = write_bake(tmp_path, ich, shard=1)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    opened = len(list(Path("/proc/self/fd").iterdir()))
    resource.setrlimit(resource.RLIMIT_NOFILE, (opened + 30, limits[1]))
    try:
        with ich.batches(seed=8, baked=bake) as batches:
            images = [batch.image.copy() for batch in batches]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert len(list((bake / "train").iterdir())) > 128
    assert all(np.array_equal(a, b.image) for a, b in zip(images, ich.batches(seed=8), strict=True))


def test_a_bake_that_does_not_fit_is_refused(ich, tmp_path):
    bake = write_bake(tmp_path, ich)
    manifest = json.loads((bake / "manifest.json").read_text())
    first = bake / manifest["folds"]["train"]["shards"][0]["image"]
    whole = first.read_bytes()
    countless = json.loads(json.dumps(manifest))
    countless["folds"]["train"]["shards"][0]["samples"] = 1e30
    for damage, kind, words in [
        (lambda: first.write_bytes(whole[:-1]), slicehouse.TrainingSetError, "image-00000.npy cannot be used"),
        (lambda: first.unlink(), slicehouse.TrainingSetError, "cannot be opened"),
        (lambda: (bake / "manifest.json").write_text(json.dumps({**manifest, "digest": "ff"})), slicehouse.TrainingSetError, "bake it again"),
        (lambda: (bake / "manifest.json").write_text(json.dumps(countless)), slicehouse.TrainingSetError, "lacks samples"),
        (lambda: (bake / "manifest.json").write_text("{}"), slicehouse.NotFoundError, "no bake"),
    ]:
        damage()
        with pytest.raises(kind, match=words):
            ich.batches(baked=bake)


def test_augmented_epochs_are_made_from_the_database(warehouse, slices, tmp_path):
    recipe = {**WINDOW, "augment": {"flip_columns": 0.5}}
    made = freeze(warehouse, "augmented-bake", recipe, [{"slices": [s]} for s in slices[:20]])
    bake = write_bake(tmp_path, made)
    assert not made.batches(baked=bake).info["baked"] and made.batches(baked=bake, augment=False).info["baked"]
    # A wrong folder is told in these epochs too.
    other = write_bake(tmp_path, freeze(warehouse, "of-another", WINDOW, [{"slices": [s]} for s in slices[:3]]), name="other")
    manifest = json.loads((other / "manifest.json").read_text())
    (other / "manifest.json").write_text(json.dumps({**manifest, "digest": "ff"}))
    for folder, kind in [(tmp_path / "nofolder", slicehouse.NotFoundError), (other, slicehouse.TrainingSetError)]:
        for augment in (True, False):
            with pytest.raises(kind):
                made.batches(baked=folder, augment=augment)


def age(path, manifest, seconds):
    """Dates a file so many seconds after the manifest."""
    instant = manifest.stat().st_mtime_ns + seconds * 10**9
    os.utime(path, ns=(instant, instant))


def overwrite(path):
    """Eight bytes of a sample change; the size does not."""
    with open(path, "r+b") as file:
        file.seek(-64, os.SEEK_END)
        before = file.read(8)
        file.seek(-64, os.SEEK_END)
        file.write(bytes(255 - byte for byte in before))


@pytest.mark.parametrize("part", ["image", "mask"])
def test_a_damaged_bake_is_read_again_where_it_is_newer_or_where_that_is_asked(warehouse, slices, tmp_path, part):
    made = freeze(warehouse, f"damaged-{part}", WINDOW, [{"slices": [s]} for s in slices[:12]])
    bake = write_bake(tmp_path, made, shard=5)
    shard, manifest = bake / f"train/{part}-00001.npy", bake / "manifest.json"
    overwrite(shard)
    for seconds, options in [(1, {}), (1, {"verify": True}), (-1, {"verify": True})]:
        age(shard, manifest, seconds)
        with made.batches(baked=bake, batch_size=1, shuffle=False, prefetch=1, threads=1, **options) as batches:
            got = []
            with pytest.raises(slicehouse.TrainingSetError, match=f"{part}-00001.npy is damaged: its SHA-256"):
                for batch in batches:
                    got += batch.sample_number.tolist()
        assert got == list(range(5))
    overwrite(shard)
    for seconds, options in [(1, {}), (-1, {"verify": True})]:
        age(shard, manifest, seconds)
        with made.batches(baked=bake, **options) as batches:
            assert batches.info["baked"] and sum(map(len, batches)) == 12


def test_a_changed_file_that_the_manifest_does_not_know_is_refused(ich, tmp_path):
    bake = write_bake(tmp_path, ich)
    manifest = json.loads((bake / "manifest.json").read_text())
    (bake / "manifest.json").write_text(json.dumps({**manifest, "files": []}))
    assert sum(map(len, ich.batches(baked=bake))) == ich.folds["train"]
    with pytest.raises(slicehouse.TrainingSetError, match="has no SHA-256 of it"):
        ich.batches(baked=bake, verify=True)


@pytest.mark.parametrize("epochs_before", [0, 1, 2, 3])
def test_a_bake_that_is_cut_while_it_is_read_is_an_error_and_no_crash(ich, tmp_path, epochs_before):
    """Also in epochs that take it from a mapping."""
    bake = write_bake(tmp_path, ich)
    for epoch in range(epochs_before):
        assert sum(map(len, ich.batches(epoch=epoch, baked=bake))) == ich.folds["train"]
    with ich.batches(batch_size=1, shuffle=False, baked=bake, prefetch=2) as batches:
        next(batches)
        for part in ("image", "mask"):
            for path in (bake / "train").glob(f"{part}-*.npy"):
                with open(path, "r+b") as file:
                    file.truncate(200)
        with pytest.raises(slicehouse.TrainingSetError, match="changed while it was read"):
            for _ in batches:
                pass


def run_python(code, *arguments):
    """In a process of its own, since it may end by a signal."""
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=60,
                          env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)})  # fmt: skip


CUT_WHILE_EPOCHS_RUN = """
import os, random, sys, threading, slicehouse
url, title, bake, shard = sys.argv[1:]
made = slicehouse.open(url).training_set(title)
content, times = open(shard, "rb").read(), os.stat(shard)
chance = random.Random(7)
for attempt in range(60):
    cut = threading.Timer(chance.uniform(0.001, 0.02), os.truncate, (shard, 200))
    try:
        for epoch in range(10**6):
            if epoch == 3:
                cut.start()
            for batch in made.batches(batch_size=12, epoch=epoch, baked=bake):
                pass
    except slicehouse.TrainingSetError as problem:
        assert "changed while it was read" in str(problem) or "it is no array of" in str(problem), problem
    cut.join()
    with open(shard, "r+b") as file:
        file.write(content)
    os.utime(shard, ns=(times.st_atime_ns, times.st_mtime_ns))
"""


def test_a_file_that_is_cut_at_any_moment_of_later_epochs_is_an_error(ich, tmp_path):
    """Without a guard the process ends by SIGBUS."""
    bake = write_bake(tmp_path, ich)
    done = run_python(CUT_WHILE_EPOCHS_RUN, ich.url, ich.title, str(bake), str(bake / "train" / "image-00000.npy"))
    assert done.returncode == 0, (done.returncode, done.stderr)


@pytest.mark.parametrize("handler", ["before", "after"])
def test_a_handler_of_the_program_keeps_what_is_its_own(ich, tmp_path, handler):
    """Set before ours it hears what is no copy of ours; set after ours, copies are read instead and stay right."""
    bake = write_bake(tmp_path, ich)
    code = f"""
import os, signal, sys, slicehouse
made = slicehouse.open({ich.url!r}).training_set({ich.title!r})
heard = []
def listen(): signal.signal(signal.SIGBUS, lambda *_: heard.append(1))
if {handler!r} == "before": listen()
for epoch in range(6):
    if epoch == 3 and {handler!r} == "after": listen()
    assert sum(map(len, made.batches(epoch=epoch, baked={str(bake)!r}))) == {ich.folds["train"]}
os.kill(os.getpid(), signal.SIGBUS)
assert heard == [1], heard
"""
    done = run_python(code)
    assert done.returncode == 0, done.stderr


def test_a_bake_variable_that_names_no_folder_is_refused(ich, tmp_path, monkeypatch):
    monkeypatch.setenv("SLICEHOUSE_BAKED", str(tmp_path / "nowhere"))
    with pytest.raises(slicehouse.NotFoundError, match="SLICEHOUSE_BAKED names no folder"):
        ich.batches()


def test_epochs_from_a_mapping_equal_those_that_are_made(ich, tmp_path):
    bake = write_bake(tmp_path, ich)
    for epoch in range(4):
        with ich.batches(batch_size=5, epoch=epoch) as made, ich.batches(batch_size=5, epoch=epoch, baked=bake) as baked:
            assert baked.info["baked"]
            for expected, got in zip(made, baked, strict=True):
                np.testing.assert_array_equal(got.image, expected.image)
                np.testing.assert_array_equal(got.mask, expected.mask)


def test_a_bake_that_is_written_anew_between_epochs_is_read_anew(ich, tmp_path):
    """The mapping of the old file would give its bytes, and keep its room on the disk."""
    bake = write_bake(tmp_path, ich)
    for epoch in range(3):
        assert sum(map(len, ich.batches(epoch=epoch, baked=bake))) == ich.folds["train"]
    shard = bake / "train" / "image-00000.npy"
    bytes_before = shard.read_bytes()
    times = shard.stat()
    shard.unlink()
    shard.write_bytes(bytes_before[:-1] + bytes([bytes_before[-1] ^ 1]))
    os.utime(shard, ns=(times.st_atime_ns, times.st_mtime_ns))
    with open("/proc/self/maps") as maps:
        assert f"{shard} (deleted)" in maps.read()
    got = np.concatenate([batch.image.copy() for batch in ich.batches(shuffle=False, baked=bake)])
    np.testing.assert_array_equal(got[:50], np.load(shard))
    with open("/proc/self/maps") as maps:
        assert f"{shard} (deleted)" not in maps.read()
    shard.unlink()
    assert not ich.batches().info["baked"]
    with open("/proc/self/maps") as maps:
        assert str(shard) not in maps.read()
