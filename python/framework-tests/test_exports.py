"""Exports of a training set, read by the libraries that they are for: equal pixel for pixel to the arrays of a bake."""

import csv
import json
import os
import pathlib
import subprocess

import numpy
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("SLICEHOUSE_PROGRAM", str(ROOT / ".build/release/slicehouse"))
RECIPE = """
steps:
  - {step: window, windows: [{center: 40, width: 120}], to: [0, 255]}
  - {step: resize, shape: [32, 24], kernel: bilinear}
dtype: uint8
layout: NHWC
mask: {value: 255}
"""


@pytest.fixture(scope="module")
def exports(tmp_path_factory):
    """Folder with the exports of one set, 7 samples a shard."""
    folder = tmp_path_factory.mktemp("exports")
    environment = {**os.environ, "SLICEHOUSE_DATABASE": f"sqlite:{folder}/w.sqlite", "HOME": str(folder)}

    def run(*arguments):
        subprocess.run([PROGRAM, *map(str, arguments)], check=True, cwd=folder, env=environment, capture_output=True)

    (folder / "small.yaml").write_text(RECIPE)
    run("phantom", "physionet-ich", "cohort", "--patients", 3, "--matrix", 48)
    run("ingest", "cohort")
    run("split", "create", "s", "--folds", "train=0.6,test=0.4", "--method", "balanced")
    run("training-set", "create", "ich", "--split", "s", "--recipe", "small.yaml", "--target", "mask")
    for name in ("npy", "tfrecord", "webdataset", "mds"):
        run("training-set", "export", "ich", "--format", name, "--out", name, "--shard-size", 7)
    return folder


@pytest.fixture(scope="module")
def samples(exports):
    """Fold → sample number → image, mask."""
    manifest = json.loads((exports / "npy/manifest.json").read_text())
    with open(exports / "npy/index.csv", newline="") as file:
        numbers = {(row["fold"], int(row["place"])): int(row["sample_number"]) for row in csv.DictReader(file)}
    found = {}
    for fold, entry in manifest["folds"].items():
        found[fold] = {}
        for shard in entry["shards"]:
            images, masks = (numpy.load(exports / "npy" / shard[part], mmap_mode="r") for part in ("image", "mask"))
            for place, (image, mask) in enumerate(zip(images, masks)):
                found[fold][numbers[fold, shard["first"] + place]] = (image, mask)
    assert sum(map(len, found.values())) > 20
    assert {value for fold in found.values() for _, mask in fold.values() for value in numpy.unique(mask)} == {0, 255}
    return found


def check(samples, read):
    """Every sample of the fold once, and equal."""
    read = {number: (image, mask) for number, image, mask in read}
    assert read.keys() == samples.keys()
    for number, (image, mask) in samples.items():
        numpy.testing.assert_array_equal(read[number][0], image)
        numpy.testing.assert_array_equal(read[number][1], mask)


@pytest.mark.parametrize("fold", ["train", "test"])
def test_tensorflow_reads_the_records(exports, samples, fold):
    tensorflow = pytest.importorskip("tensorflow")
    manifest = json.loads((exports / "tfrecord/manifest.json").read_text())
    paths = [str(exports / "tfrecord" / shard["path"]) for shard in manifest["folds"][fold]["shards"]]
    features = {
        name: tensorflow.io.FixedLenFeature([], kind)
        for name, kind in {
            "image/encoded": tensorflow.string, "image/format": tensorflow.string,
            "image/mask/encoded": tensorflow.string, "image/class/label": tensorflow.int64,
            "image/height": tensorflow.int64, "image/width": tensorflow.int64, "image/sample_number": tensorflow.int64,
        }.items()
    }

    def read():
        # TensorFlow compares the checksums of each record.
        for record in tensorflow.data.TFRecordDataset(paths):
            example = tensorflow.io.parse_single_example(record, features)
            assert example["image/format"].numpy() == b"png"
            image = tensorflow.io.decode_png(example["image/encoded"]).numpy()
            assert image.shape == (example["image/height"].numpy(), example["image/width"].numpy(), 1)
            mask = tensorflow.io.decode_png(example["image/mask/encoded"]).numpy()
            yield int(example["image/sample_number"]), image, mask

    check(samples[fold], read())


@pytest.mark.parametrize("fold", ["train", "test"])
def test_webdataset_reads_the_archives(exports, samples, fold):
    webdataset = pytest.importorskip("webdataset")
    manifest = json.loads((exports / "webdataset/manifest.json").read_text())
    paths = [str(exports / "webdataset" / shard["path"]) for shard in manifest["folds"][fold]["shards"]]
    dataset = webdataset.WebDataset(paths, shardshuffle=False).decode("l8")
    check(
        samples[fold],
        ((sample["json"]["sample_number"], sample["png"][..., None], sample["mask.png"][..., None])
         for sample in dataset))


@pytest.mark.parametrize("fold", ["train", "test"])
def test_mosaicml_reads_the_shards(exports, samples, fold):
    streaming = pytest.importorskip("streaming")
    dataset = streaming.LocalDataset(local=str(exports / "mds" / fold))
    assert len(dataset) == len(samples[fold])
    check(samples[fold], ((int(sample["number"]), sample["image"], sample["mask"]) for sample in dataset))
