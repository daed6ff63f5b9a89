"""Times the singular value decomposition of a CT stack beside scikit-learn, SciPy, NumPy and the bare BLAS calls.

    Benchmarks/denoise.py                 512 × 512 × 301, k = 245 (about ten minutes on two cores)
    Benchmarks/denoise.py --quick         256 × 256 × 120, k = 98, to try the benchmark itself; writes no result

Ours is the program: `slicehouse denoise --store none` reads the series out of an SQLite warehouse, decomposes it,
compares five levels and the automatic one, and writes the pictures. "decompose" is that step of its own report. The peers
get the matrix in memory, in float64 and in the order they like best, and only decompose. All run in turn on one machine
with as many threads as it has cores. The bound is `dsyrk` + `dsyevd` of SciPy's OpenBLAS on the same matrix: the floating
point operations of the exact way, and of the randomised one, which forms the Gram matrix at this shape too.

SLICEHOUSE names the program. Needs requirements.txt and SciPy, scikit-learn.
"""

import argparse
import datetime
import json
import os
import platform
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import numpy
import pydicom
import scipy
import sklearn
from pydicom.dataset import FileMetaDataset
from scipy import linalg
from sklearn.utils.extmath import randomized_svd

HERE = Path(__file__).resolve().parent
PROGRAM = os.environ.get("SLICEHOUSE", str(HERE.parent / ".build/release/slicehouse"))


def volume(side, slices):
    """HU of a head-like phantom with noise of 20 HU, int16, `[slices][rows][columns]`."""
    chance = numpy.random.default_rng(2018)
    y, x = numpy.mgrid[-1:1:side * 1j, -1:1:side * 1j].astype(numpy.float32)
    stack = numpy.empty((slices, side, side), numpy.int16)
    for index in range(slices):
        z = index / slices * 2 - 1
        picture = numpy.full((side, side), -1000, numpy.float32)
        for cx, cy, cz, a, b, c, value in (
                (0, 0, 0, .85, .7, 1.6, 1900), (0, 0, 0, .78, .63, 1.5, -865), (.1, .05, .1, .25, .12, .6, -27),
                (-.35, .2, -.2, .16, .2, .5, 32), (.4, -.3, .3, .06, .06, .3, 180)):
            picture[((x - cx) / a) ** 2 + ((y - cy) / b) ** 2 + ((z - cz) / c) ** 2 < 1] += value
        stack[index] = numpy.rint(picture + 20 * chance.standard_normal((side, side), dtype=numpy.float32))
    return stack


def write_dicom(stack, folder):
    study, series = pydicom.uid.generate_uid(), pydicom.uid.generate_uid()
    for index, picture in enumerate(stack):
        data = pydicom.Dataset()
        data.SOPClassUID, data.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", pydicom.uid.generate_uid()
        data.StudyInstanceUID, data.SeriesInstanceUID = study, series
        data.PatientID, data.PatientName, data.Modality = "PHANTOM", "PHANTOM", "CT"
        data.ImagePositionPatient, data.ImageOrientationPatient = [0, 0, index], [1, 0, 0, 0, 1, 0]
        data.PixelSpacing, data.SliceThickness, data.InstanceNumber = [0.5, 0.5], 1, index + 1
        data.RescaleSlope, data.RescaleIntercept = 1, 0
        data.Rows, data.Columns = picture.shape
        data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
        data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 16, 15, 1
        data.PixelData = picture.tobytes()
        data.file_meta = FileMetaDataset()
        data.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
        data.save_as(folder / f"{index:04}.dcm", enforce_file_format=True)


def run(*arguments):
    """Runs the program; returns its output and its peak memory in MiB.

    The kernel's ru_maxrss counts what this process had when it forked, so the peak is read from /proc while it runs.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as message:
        process = subprocess.Popen([PROGRAM, *map(str, arguments)], stdout=output, stderr=message)
        peak = 0
        while process.poll() is None:
            try:
                status = Path(f"/proc/{process.pid}/status").read_text()
                peak = max(peak, *(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")))
            except (OSError, TypeError):
                pass
            time.sleep(0.01)
        message.seek(0)
        output.seek(0)
        if process.returncode != 0:
            raise SystemExit(message.read().decode())
        return output.read().decode(), peak / 1024


def denoise(work, database, series, rank, method, memory="2G"):
    start = time.perf_counter()
    output, peak = run(
        "denoise", series, "--database", database, "--method", method, "--rank", rank, "--store", "none", "--again",
        "--out", work / "out", "--memory", memory, "--json")
    seconds = time.perf_counter() - start
    report = json.loads(output)
    return {"seconds": seconds, "decompose": report["steps"]["decomposing"], "peak": peak,
            "route": report["result"]["route"], "steps": report["steps"]}


def timed(function):
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def bound(matrix):
    gram = linalg.blas.dsyrk(1.0, matrix, trans=1)
    linalg.lapack.dsyevd(gram, compute_v=1)


def lines(options, side, slices, rank, figures):
    def median(name):
        return statistics.median(figures[name])

    def row(name, text, command):
        low, high = min(figures[name]), max(figures[name])
        return f"| {text} | {median(name):.2f} | {low:.2f}–{high:.2f} | {median('sklearn') / median(name):.1f}× | `{command}` |"

    cpu = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                if line.startswith("model name")), platform.machine())
    goals = [
        ("exact decomposition ≥ 40× scikit-learn's", median("sklearn") / median("exact") >= 40),
        ("randomised ≥ 15×", median("sklearn") / median("randomized") >= 15),
        ("exact ≤ 1.5× the BLAS time of the same operations", median("exact") <= 1.5 * median("bound")),
        ("randomised ≤ 1.5× the BLAS time of the same operations", median("randomized") <= 1.5 * median("bound")),
        ("whole denoising ≥ 10× faster than scikit-learn's decomposition alone",
         median("sklearn") / median("whole") >= 10),
        ("`--memory 256M` at ≤ 2× the time", median("small") <= 2 * median("whole")),
    ]
    return [
        f"# Singular value decomposition of {side * side:,} × {slices}, k = {rank}", "",
        f"Machine: {os.cpu_count()} × {cpu}; load average {options.load[0]:.1f} when the run "
        f"began, {os.getloadavg()[0]:.1f} at its end. Trust the ratios. NumPy {numpy.__version__}, SciPy "
        f"{scipy.__version__}, scikit-learn {sklearn.__version__}, slicehouse {run('--version')[0].strip()}. "
        f"Medians of {options.runs} runs, taken in turn; command: `Benchmarks/denoise.py --runs {options.runs}`.", "",
        "| what | seconds | fastest–slowest | faster than scikit-learn by | how |", "|---|---:|---:|---:|---|",
        row("bound", "bare BLAS: `dsyrk` + `dsyevd`", "scipy.linalg.blas.dsyrk(1, A, trans=1)"),
        row("exact", "ours, exact: decompose", "slicehouse denoise --method exact"),
        row("randomized", "ours, randomised: decompose", "slicehouse denoise --method randomized"),
        row("whole", "ours, exact: whole program (read, decompose, 5 levels, PNGs)", "slicehouse denoise --memory 2G"),
        row("small", "the same in 256 MiB", "slicehouse denoise --memory 256M"),
        row("qr", "NumPy `qr` + `svd`", "numpy.linalg.qr(A); svd(R)"),
        row("gesdd", "SciPy `gesdd`", "scipy.linalg.svd(A, full_matrices=False)"),
        row("sklearn", "scikit-learn `randomized_svd`", f"randomized_svd(A, {rank}, n_oversamples=15, n_iter=1)"), "",
        f"Peak memory of the whole program: {max(figures['whole_peak']):.0f} MiB with `--memory 2G`, "
        f"{max(figures['small_peak']):.0f} MiB with `--memory 256M`. Routes: {', '.join(sorted(figures['routes']))}.", "",
    ] + [f"- {'met' if met else '**missed**'}: {text}" for text, met in goals]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--peer-runs", type=int, default=1, help="of the slow peers")
    options = parser.parse_args()
    options.load = os.getloadavg()
    side, slices, rank = (256, 120, 98) if options.quick else (512, 301, 245)
    work = Path(tempfile.mkdtemp(prefix="denoise-", dir=os.environ.get("TMPDIR", "/tmp")))
    try:
        stack = volume(side, slices)
        (work / "dicom").mkdir()
        write_dicom(stack, work / "dicom")
        database = f"sqlite:{work / 'w.sqlite'}"
        run("ingest", work / "dicom", "--database", database, "--keep-identifiers")
        series = json.loads(run("sql", "SELECT series_id FROM series", "--database", database, "--format", "json")[0]
                            .splitlines()[0])["series_id"]
        matrix = numpy.asfortranarray(stack.reshape(slices, -1).T.astype(numpy.float64))
        figures = {name: [] for name in (
            "bound", "exact", "randomized", "whole", "small", "qr", "gesdd", "sklearn", "whole_peak", "small_peak")}
        figures["routes"] = set()
        for turn in range(options.runs):
            figures["bound"].append(timed(lambda: bound(matrix)))
            for method, memory, name in (("exact", "2G", "whole"), ("exact", "256M", "small"), ("randomized", "2G", None)):
                ours = denoise(work, database, series, rank, method, memory)
                figures["routes"].add(f"{method}: {ours['route']}")
                if name:
                    figures[name].append(ours["seconds"])
                    figures[name + "_peak"].append(ours["peak"])
                if name != "small":
                    figures[method].append(ours["decompose"])
                print(f"  {method} {memory}: {ours['seconds']:.2f} s {ours['steps']}", flush=True)
            if turn < options.peer_runs:
                figures["sklearn"].append(timed(lambda: randomized_svd(
                    matrix, rank, n_oversamples=15, n_iter=1, random_state=turn)))
                figures["gesdd"].append(timed(lambda: linalg.svd(matrix, full_matrices=False)))

                def qr():
                    _, triangle = numpy.linalg.qr(matrix)
                    numpy.linalg.svd(triangle)
                figures["qr"].append(timed(qr))
            print({name: [round(v, 2) for v in values] for name, values in figures.items() if name != "routes"}, flush=True)
        text = "\n".join(lines(options, side, slices, rank, figures)) + "\n"
        print(text)
        if not options.quick:
            (HERE / "results" / f"{datetime.date.today()}-denoise.md").write_text(text)
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
