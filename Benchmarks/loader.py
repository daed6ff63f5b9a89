"""Images a second of training loaders: ours from SQLite and PostgreSQL beside files in the formats of the field.

    Benchmarks/loader.py --work FOLDER            three rounds of two epochs each (about ten minutes on two cores)
    Benchmarks/loader.py --work FOLDER --rounds 1

The work: float32 batches of 32 × 1 × 512 × 512, CT windowed to 40/120 HU, shuffled, two workers. The slices are those of
a synthetic CT-ICH cohort; file loaders read files made of the same pixels beforehand: 8-bit PNG of the window, int16
`.npy` of HU opened as memory maps, MosaicML shards of both, WebDataset tar of PNG, and TFRecords where TensorFlow is
installed. Where a format keeps HU, its loader windows with NumPy.

SLICEHOUSE names the program; the Python package must be installed (`make python`), and PyTorch, webdataset,
mosaicml-streaming. PostgreSQL is measured where SLICEHOUSE_TEST_POSTGRESQL names a server
(Tests/throwaway-postgresql). Loaders take turns in every round; medians are reported. On a machine that is not
free, the CPU time of loader and workers says more than the rate.
"""

import argparse
import glob
import importlib.util
import io
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import slicehouse
import torch
from PIL import Image
from torch.utils.data import DataLoader
from torch.utils.data import Dataset as MapDataset

HERE = Path(__file__).resolve().parent
PROGRAM = os.environ.get("SLICEHOUSE", str(HERE.parent / ".build/release/slicehouse"))
BATCH, WORKERS = 32, 2
LOW, WIDTH = 40 - 60, 120


def run(*arguments):
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode not in (0, 65):
        sys.exit(done.stderr)


def window(hu):
    return np.clip((hu.astype(np.float32) - LOW) / WIDTH, 0, 1)


# ---- What is read


def warehouses(work, patients):
    cohort = work / "cohort"
    if not cohort.exists():
        run("phantom", "physionet-ich", cohort, "--patients", patients, "--tree", "nifti")
    urls = {"SQLite": f"sqlite:{work / 'w.sqlite'}"}
    if server := os.environ.get("SLICEHOUSE_TEST_POSTGRESQL"):
        urls["PostgreSQL"] = server + "&schema=loader"
    recipe = {"steps": [{"step": "window", "windows": [{"center": 40, "width": 120}]}]}
    (work / "f32.json").write_text(json.dumps(recipe))
    (work / "u8.json").write_text(json.dumps({**recipe, "dtype": "uint8"}))
    for url in urls.values():
        run("ingest", cohort, "--database", url)
        run("split", "create", "all", "--folds", "train=1", "--database", url)
        for name in ("f32", "u8"):
            run("training-set", "create", name, "--split", "all", "--recipe", work / f"{name}.json", "--database", url)
    return urls


def write_files(work, url):
    """The peers' files, from the slices as they are stored (values by an identity recipe)."""
    done = work / "files.json"
    if done.exists():
        return json.loads(done.read_text())["count"]
    from streaming import MDSWriter
    import webdataset

    for name in ("png", "npy", "mds-png", "mds-raw", "web", "tfrecord"):
        shutil.rmtree(work / name, ignore_errors=True)
        (work / name).mkdir(parents=True)
    (work / "hu.json").write_text(json.dumps({"steps": [], "dtype": "int16"}))
    run("training-set", "create", "hu", "--split", "all", "--recipe", work / "hu.json", "--database", url)
    count = 0
    with (
        MDSWriter(out=str(work / "mds-png"), columns={"x": "bytes"}) as mds_png,
        MDSWriter(out=str(work / "mds-raw"), columns={"x": "bytes"}) as mds_raw,
        webdataset.ShardWriter(f"{work}/web/%03d.tar", maxcount=200, verbose=0) as web,
    ):
        for batch in slicehouse.open(url).training_set("hu").batches(shuffle=False):
            for hu in batch.image[:, 0]:
                encoded = io.BytesIO()
                Image.fromarray(np.rint(window(hu) * 255).astype(np.uint8)).save(encoded, "PNG")
                (work / f"png/{count:05}.png").write_bytes(encoded.getvalue())
                np.save(work / f"npy/{count:05}.npy", hu)
                mds_png.write({"x": encoded.getvalue()})
                mds_raw.write({"x": hu.tobytes()})
                web.write({"__key__": f"{count:05}", "png": encoded.getvalue()})
                count += 1
    if has_tensorflow():
        write_records(work)
    done.write_text(json.dumps({"count": count}))
    return count


def has_tensorflow():
    return importlib.util.find_spec("tensorflow") is not None


def write_records(work):
    """PNG, HU, and the float32 that a model gets, five files each."""
    import tensorflow as tf

    paths = sorted(glob.glob(f"{work}/npy/*.npy"))
    for kind in ("png", "hu", "float32"):
        for part in range(5):
            with tf.io.TFRecordWriter(f"{work}/tfrecord/{kind}-{part}.tfrecord") as writer:
                for path in paths[part::5]:
                    if kind == "png":
                        data = Path(path.replace("npy", "png")).read_bytes()
                    else:
                        hu = np.load(path)
                        data = (hu if kind == "hu" else window(hu)).tobytes()
                    feature = tf.train.Feature(bytes_list=tf.train.BytesList(value=[data]))
                    writer.write(tf.train.Example(features=tf.train.Features(feature={"x": feature})).SerializeToString())


# ---- Loaders: each a function of the epoch that yields batches [n, 1, 512, 512] float32


def decode(data):
    return np.asarray(Image.open(io.BytesIO(data)), np.float32)[None] / 255


class Files(MapDataset):
    def __init__(self, folder, suffix):
        self.paths = sorted(glob.glob(f"{folder}/*.{suffix}"))

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        path = self.paths[index]
        if path.endswith("png"):
            return torch.from_numpy(decode(Path(path).read_bytes()))
        return torch.from_numpy(window(np.load(path, mmap_mode="r"))[None])


def torch_files(folder, suffix):
    loader = DataLoader(Files(folder, suffix), BATCH, shuffle=True, num_workers=WORKERS, persistent_workers=True)
    return lambda epoch: loader


def mds(folder, is_png):
    from streaming import StreamingDataset
    from streaming.base.util import clean_stale_shared_memory

    clean_stale_shared_memory()

    class Set(StreamingDataset):
        def __getitem__(self, index):
            x = super().__getitem__(index)["x"]
            return torch.from_numpy(decode(x) if is_png else window(np.frombuffer(x, np.int16).reshape(1, 512, 512)))

    dataset = Set(local=str(folder), shuffle=True, batch_size=BATCH)
    loader = DataLoader(dataset, BATCH, num_workers=WORKERS, persistent_workers=True)
    return lambda epoch: loader


def web(folder):
    import webdataset

    shards = sorted(glob.glob(f"{folder}/*.tar"))
    dataset = webdataset.WebDataset(shards, shardshuffle=len(shards)).shuffle(256).to_tuple("png").map_tuple(decode)
    loader = DataLoader(dataset.batched(BATCH), batch_size=None, num_workers=WORKERS, persistent_workers=True)
    return lambda epoch: (batch[0] for batch in loader)


def records(folder, kind):
    import tensorflow as tf

    def parse(record):
        x = tf.io.parse_single_example(record, {"x": tf.io.FixedLenFeature([], tf.string)})["x"]
        if kind == "png":
            return tf.reshape(tf.cast(tf.io.decode_png(x, 1), tf.float32) / 255, (1, 512, 512))
        if kind == "float32":
            return tf.reshape(tf.io.decode_raw(x, tf.float32), (1, 512, 512))
        hu = tf.cast(tf.reshape(tf.io.decode_raw(x, tf.int16), (1, 512, 512)), tf.float32)
        return tf.clip_by_value((hu - LOW) / WIDTH, 0, 1)

    files = sorted(glob.glob(f"{folder}/{kind}-*.tfrecord"))
    dataset = tf.data.TFRecordDataset(files).shuffle(256).map(parse, num_parallel_calls=WORKERS).batch(BATCH).prefetch(2)
    return lambda epoch: dataset.as_numpy_iterator()


def ours(url, name, baked=None):
    made = slicehouse.open(url).training_set(name)
    return lambda epoch: (batch.image for batch in made.batches(batch_size=BATCH, epoch=epoch, baked=baked))


def bake(work, url, name):
    folder = work / f"baked-{name}"
    if not folder.exists():
        run("training-set", "bake", name, "--out", folder, "--database", url)
    return folder


# ---- Measuring


def cpu_seconds():
    """Of this process and its workers; a database server is not among them."""
    ticks, own = 0, os.getpid()
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            fields = Path(path).read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(path.split("/")[2]) == own or int(fields[1]) == own:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def measure(batches, epochs):
    """Images a second, seconds to the first batch, CPU milliseconds an image behind the first batch. The first pixel of
    every row of every image is looked at."""
    count, first, total = 0, None, 0.0
    start = time.perf_counter()
    for epoch in range(epochs):
        for batch in batches(epoch):
            if first is None:
                first, first_count, cpu = time.perf_counter() - start, len(batch), cpu_seconds()
            count += len(batch)
            total += float(batch[:, 0, :, 0].sum())
    elapsed = time.perf_counter() - start
    return count / elapsed, first, (cpu_seconds() - cpu) / (count - first_count) * 1000


def copies(folder):
    """memcpy of the baked arrays, batch after batch, in their order."""
    arrays = [np.load(path, mmap_mode="r") for path in sorted(glob.glob(f"{folder}/train/image-*.npy"))]
    target = np.empty((BATCH, *arrays[0].shape[1:]), arrays[0].dtype)

    def batches(epoch):
        for array in arrays:
            for start in range(0, len(array), BATCH):
                part = array[start:start + BATCH]
                np.copyto(target[:len(part)], part)
                yield target[:len(part)]

    return batches


def resident():
    """MiB, without pages of files that are mapped into memory."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(("RssAnon", "RssShmem"))) / 1024


def memory(batches, epochs=10):
    """MiB behind each epoch."""
    sizes = []
    for epoch in range(epochs):
        for batch in batches(epoch):
            batch[0, 0, 0, 0]
        del batch
        sizes.append(resident())
    return sizes


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--patients", type=int, default=34)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=2)
    options = parser.parse_args()
    work = options.work
    work.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    urls = warehouses(work, options.patients)
    count = write_files(work, urls["SQLite"])

    loaders = {
        "PyTorch DataLoader, PNG": lambda: torch_files(work / "png", "png"),
        "PyTorch DataLoader, memory-mapped NPY": lambda: torch_files(work / "npy", "npy"),
        "MosaicML Streaming, PNG": lambda: mds(work / "mds-png", True),
        "MosaicML Streaming, raw": lambda: mds(work / "mds-raw", False),
        "WebDataset, PNG": lambda: web(work / "web"),
    }
    if has_tensorflow():
        loaders["tf.data, TFRecord of PNG"] = lambda: records(work / "tfrecord", "png")
        loaders["tf.data, TFRecord of raw HU"] = lambda: records(work / "tfrecord", "hu")
        loaders["tf.data, TFRecord of float32"] = lambda: records(work / "tfrecord", "float32")
    for engine, url in urls.items():
        loaders[f"ours, {engine}, float32"] = lambda url=url: ours(url, "f32")
        loaders[f"ours, {engine}, uint8"] = lambda url=url: ours(url, "u8")
    for name, dtype in (("f32", "float32"), ("u8", "uint8")):
        folder = bake(work, urls["SQLite"], name)
        loaders[f"ours, baked, {dtype}"] = lambda name=name, folder=folder: ours(urls["SQLite"], name, folder)
        loaders[f"memcpy of the baked {dtype}, one thread"] = lambda folder=folder: copies(folder)
    results = {name: [] for name in loaders}
    firsts = {name: [] for name in loaders}
    cpus = {name: [] for name in loaders}
    loads = [os.getloadavg()[0]]
    for _ in range(options.rounds):
        for name, make in loaders.items():
            rate, first, cpu = measure(make(), options.epochs)
            cpus[name].append(cpu)
            results[name].append(rate)
            firsts[name].append(first)
            print(f"{name}: {rate:.0f}/s, first batch {first * 1000:.0f} ms, CPU {cpu:.2f} ms an image", file=sys.stderr, flush=True)
    loads.append(os.getloadavg()[0])

    base = statistics.median(results["PyTorch DataLoader, PNG"])
    print(f"Machine: {os.cpu_count()} cores, {platform.machine()}; load average {loads[0]:.1f} before, {loads[1]:.1f} after."
          f" {count} slices of 512 × 512, {options.epochs} epochs a run; medians of {options.rounds} rounds.\n")  # fmt: skip
    print("| loader | images/s | slowest–fastest | × PyTorch PNG | CPU ms an image | first batch, ms |\n|---|---:|---:|---:|---:|---:|")
    for name, rates in results.items():
        rate = statistics.median(rates)
        print(f"| {name} | {rate:,.0f} | {min(rates):,.0f}–{max(rates):,.0f} | {rate / base:.1f} | "
              f"{statistics.median(cpus[name]):.2f} | {statistics.median(firsts[name]) * 1000:.0f} |")  # fmt: skip
    print("\nAnonymous memory of this process, other loaders' included, behind each of ten epochs, MiB:\n")
    for name in [name for name in loaders if name.startswith("ours")]:
        print(f"- {name}: {', '.join(f'{size:.0f}' for size in memory(loaders[name]()))}")


if __name__ == "__main__":
    main()
