"""The files that are ingested: phantoms of fixed seeds, made once and kept below the work folder."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from measure import execute

SEED = 2018


@dataclass
class Corpus:
    path: Path
    description: str
    #: Every file, in byte order.
    files: list
    byte_count: int


def made(path, build, description):
    """The files below `path`, made by `build` unless an earlier run left them there whole."""
    mark = path.with_suffix(".complete")
    if not mark.exists():
        shutil.rmtree(path, ignore_errors=True)
        build(path)
        mark.write_text(description + "\n")
    files = sorted(Path(folder) / name for folder, _, names in os.walk(path) for name in names)
    return Corpus(path, description, files, sum(file.stat().st_size for file in files))


def dicom(work, program, patients, slices=None, matrix=512):
    """CT series of several makers, as a hospital exports them, with photon noise in every pixel."""
    shape = f"{matrix}×{matrix}×16 bit"
    options = ["--seed", SEED, "--patients", patients, "--matrix", matrix]
    if slices:
        options += ["--slices", slices]
    command = "slicehouse phantom dicom DIR " + " ".join(map(str, options))
    name = f"dicom-{patients}x{slices or 'any'}-{matrix}"
    return made(
        work / name, lambda path: execute([program, "phantom", "dicom", path, *options]), f"{shape}: `{command}`")


def ct_ich(work, program, matrix=256):
    """All 75 volumes of CT-ICH 1.3.1 with masks and tables."""
    options = ["--seed", SEED, "--tree", "nifti", "--matrix", matrix]
    command = "slicehouse phantom physionet-ich DIR " + " ".join(map(str, options))
    return made(
        work / f"ct-ich-{matrix}",
        lambda path: execute([program, "phantom", "physionet-ich", path, *options]), f"`{command}`")
