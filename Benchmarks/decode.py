"""Header reading and decoding of each transfer syntax beside pydicom, GDCM and dcmdump, one core each.

    python Benchmarks/decode.py [--files N] [--rounds N] [--out FILE.md]

One synthetic CT slice of 512 × 512 × 16 bit (`slicehouse phantom dicom`) is brought into every syntax that DCMTK's tools
and pydicom can write; N copies of each are read. Each figure is milliseconds a file: the least of the repetitions,
over the files the median. A header is read with every element's value; pydicom is also timed as it reads by default,
with values left unread. PROGRAM is named by DECODE_BENCHMARK (default .build/release/DecodeBenchmark).

Needs dcmtk's tools, pydicom with pylibjpeg, pyjpegls and python-gdcm: the tests' .build/oracle has them.
"""

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")
# GDCM, through which pydicom decodes JPEG 2000 first, otherwise decodes it on all cores.
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import gdcm
import numpy
import pydicom
from pydicom import uid

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("DECODE_BENCHMARK", ROOT / ".build/release/DecodeBenchmark")
SLICEHOUSE = os.environ.get("SLICEHOUSE", ROOT / ".build/release/slicehouse")

#: Syntax, and how a file in it is made from an uncompressed one.
SYNTAXES = [
    ("Explicit VR Little Endian", ["dcmconv", "+te"]),
    ("Implicit VR Little Endian", ["dcmconv", "+ti"]),
    ("Explicit VR Big Endian", ["dcmconv", "+tb"]),
    ("Deflated", ["dcmconv", "+td"]),
    ("RLE", ["dcmcrle"]),
    ("JPEG baseline, 8 bit", ["dcmcjpeg", "+eb", "+Wm"]),
    ("JPEG extended, 12 bit", ["dcmcjpeg", "+ee"]),
    ("JPEG lossless", ["dcmcjpeg", "+e1"]),
    ("JPEG-LS lossless", ["dcmcjpls", "+el"]),
    ("JPEG-LS near-lossless", ["dcmcjpls", "+en"]),
    ("JPEG 2000 lossless", uid.JPEG2000Lossless),
    ("JPEG 2000", uid.JPEG2000),
]


def source(folder):
    subprocess.run(
        [SLICEHOUSE, "phantom", "dicom", folder / "phantom", "--patients", "1", "--slices", "1", "--matrix", "512"],
        check=True, stdout=subprocess.DEVNULL)
    files = [path for path in (folder / "phantom").rglob("*") if path.is_file()]
    return max(files, key=lambda path: path.stat().st_size)


def transcode(original, how, target):
    if isinstance(how, list):
        subprocess.run([*how, original, target], check=True, stderr=subprocess.DEVNULL)
        return
    data = pydicom.dcmread(original)
    options = {"j2k_cr": [10]} if how == uid.JPEG2000 else {}
    data.compress(how, encoding_plugin="pylibjpeg", **options)
    data.save_as(target)


def in_turns(contenders, paths, rounds):
    """Milliseconds a file of each: the least over the rounds, over the files the median. They take turns, so that a busy
    moment of the machine meets all of them. None for one that cannot read the files."""
    times = [[] for _ in contenders]
    for _ in range(rounds):
        for index, contender in enumerate(contenders):
            if times[index] is None:
                continue
            try:
                times[index].append(contender(paths))
            except Exception:
                times[index] = None
    return [own and 1000 * statistics.median(map(min, zip(*own))) for own in times]


def each(action, repeat=3):
    """Seconds a file, the least of a few at once: the first one finds cold caches."""
    def one(path):
        times = []
        for _ in range(repeat):
            start = time.perf_counter()
            action(path)
            times.append(time.perf_counter() - start)
        return min(times)
    return lambda paths: [one(path) for path in paths]


def ours(kind, repeat=3):
    def read(paths):
        output = subprocess.run(
            [PROGRAM, kind, str(repeat), *map(str, paths)], check=True, capture_output=True, text=True).stdout
        return [float(line.split("\t")[0]) for line in output.splitlines()]
    return read


def pydicom_header(path):
    for element in pydicom.dcmread(path, stop_before_pixels=True).iterall():
        element.value


def gdcm_header(path):
    reader = gdcm.Reader()
    reader.SetFileName(str(path))
    assert reader.Read()


def gdcm_pixels(path):
    reader = gdcm.ImageReader()
    reader.SetFileName(str(path))
    assert reader.Read()
    image = reader.GetImage()
    assert len(image.GetBuffer()) > 0


def pydicom_pixels(path):
    return pydicom.dcmread(path).pixel_array


def dcmdump(paths):
    start = time.perf_counter()
    subprocess.run(["dcmdump", "-q", "+L", "-M", *map(str, paths)], check=True, stdout=subprocess.DEVNULL)
    return [(time.perf_counter() - start) / len(paths)] * len(paths)


def row(name, own, *peers):
    cells = [f"{name}", f"{own:.2f}"]
    for peer in peers:
        cells.append("cannot" if peer is None else f"{peer:.2f} ({peer / own:.2f}×)")
    return "| " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--out")
    options = parser.parse_args()
    numpy.ones(24 << 20, numpy.uint8)  # what is freed afterwards stays with the process, as in DecodeBenchmark
    with tempfile.TemporaryDirectory(prefix="slicehouse-decode-") as name:
        lines = measure(pathlib.Path(name), options)
    text = "\n".join(lines) + "\n"
    print(text)
    if options.out:
        pathlib.Path(options.out).write_text(text)


def measure(folder, options):
    original = source(folder)
    headers = ["## Header, milliseconds a file (peer ÷ ours)", "",
               "| transfer syntax | slicehouse | pydicom, all values | pydicom, values unread | GDCM | dcmdump, whole process |",
               "|---|---|---|---|---|---|"]
    pixels = ["", "## Header and pixels, milliseconds a file (peer ÷ ours)", "",
              "| transfer syntax | slicehouse | pydicom | GDCM |", "|---|---|---|---|"]
    for syntax, how in SYNTAXES:
        first = folder / "first.dcm"
        transcode(original, how, first)
        paths = [folder / f"{number}.dcm" for number in range(options.files)]
        for path in paths:
            shutil.copy(first, path)
        headers.append(row(syntax, *in_turns(
            [ours("header"), each(pydicom_header),
             each(lambda path: pydicom.dcmread(path, stop_before_pixels=True)), each(gdcm_header), dcmdump],
            paths, options.rounds)))
        pixels.append(row(syntax, *in_turns(
            [ours("pixels"), each(pydicom_pixels), each(gdcm_pixels)], paths, options.rounds)))
    versions = (f"pydicom {pydicom.__version__}, GDCM {gdcm.Version.GetVersion()}, NumPy {numpy.__version__}, "
                f"{options.files} files of one phantom CT slice of 512 × 512 × 16 bit, least of {options.rounds} rounds in turns, one core")
    return ["# Decoding", "", versions, "", *headers, *pixels]


main()
