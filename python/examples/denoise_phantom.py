"""A phantom whose noise is known, and what `slicehouse denoise` makes of it.

    python denoise_phantom.py write phantom/
    slicehouse ingest phantom/volumes --database sqlite:phantom/phantom.sqlite
    slicehouse denoise --dataset images --database sqlite:phantom/phantom.sqlite \\
        --method mppca --factors --window 30,160 --out phantom/denoised
    python denoise_phantom.py compare phantom/

A head of ellipsoids, 160 × 160 × 64, in HU; its noise is white in `even.nii.gz` (20 HU), and in `uneven.nii.gz` grows
from 5 HU at the rim to 35 HU in the middle, as behind a skull. `compare` prints the distance of each level from the
phantom without noise, which the program never saw. Needs NumPy, nibabel and pydicom.
"""

import argparse
import csv
import json
import pathlib

import numpy as np

ROWS, COLUMNS, SLICES = 160, 160, 64
# Centre and half axes (x, y, z), HU added: skull, brain, ventricle, bleeding, calcification.
BODIES = [
    ((0, 0, 0), (0.85, 0.70, 1.6), 1900), ((0, 0, 0), (0.78, 0.63, 1.5), -865), ((0.1, 0.05, 0.1), (0.25, 0.12, 0.6), -27),
    ((-0.35, 0.2, -0.2), (0.16, 0.2, 0.5), 32), ((0.4, -0.3, 0.3), (0.06, 0.06, 0.3), 180),
]  # fmt: skip


def grid():
    return (np.linspace(-1, 1, count, endpoint=False) for count in (SLICES, ROWS, COLUMNS))


def head():
    """**Shape** [slices][rows][columns]."""
    z, y, x = np.meshgrid(*grid(), indexing="ij")
    values = np.full((SLICES, ROWS, COLUMNS), -1000.0)
    for (cx, cy, cz), (a, b, c), added in BODIES:
        values[((x - cx) / a) ** 2 + ((y - cy) / b) ** 2 + ((z - cz) / c) ** 2 < 1] += added
    return values


def deviations():
    _, y, x = grid()
    middle = np.exp(-2 * (y[:, None] ** 2 + x[None, :] ** 2))
    return {"even": np.full((ROWS, COLUMNS), 20.0), "uneven": 5 + 30 * middle}


def noisy(name):
    """As the file holds it: whole HU."""
    numbers = np.random.default_rng(4).standard_normal((SLICES, ROWS, COLUMNS))
    return np.rint(head() + deviations()[name] * numbers).astype(np.int16)


def write(folder):
    import nibabel

    (folder / "volumes").mkdir(parents=True)
    for name in deviations():
        image = nibabel.Nifti1Image(noisy(name).transpose(2, 1, 0), np.diag([1.4, 1.4, 2.5, 1]))
        nibabel.save(image, folder / "volumes" / f"{name}.nii.gz")


def derived(folder):
    """HU of a DICOM series by Instance Number."""
    import pydicom

    slices = sorted((pydicom.dcmread(path) for path in folder.iterdir()), key=lambda s: int(s.InstanceNumber))
    return np.stack([s.pixel_array * float(s.RescaleSlope) + float(s.RescaleIntercept) for s in slices])


def compare(folder):
    truth = head().reshape(SLICES, -1).T
    span = np.ptp(truth)
    stacks = {name: noisy(name).reshape(SLICES, -1).T.astype(float) for name in deviations()}
    for run in sorted((folder / "denoised").glob("series-*")):
        u, s, v = (np.load(run / f"{part}.npy").astype(float) for part in "usv")
        name = min(stacks, key=lambda name: np.abs((u * s) @ v.T - stacks[name]).mean())
        levels = [("noisy", stacks[name])]
        with open(run / "levels.csv", newline="") as file:
            for row in csv.DictReader(file):
                k = int(row["kept"])
                stack = (u[:, :k] * s[:k]) @ v[:, :k].T
                if row["level"] == "mppca":
                    place = json.loads((run / "report.json").read_text())["output_folder"]
                    stack = derived(pathlib.Path(place)).reshape(SLICES, -1).T
                levels.append((row["level"], stack))
        print(f"{name}: {run.name}")
        for level, stack in levels:
            rmse = np.sqrt(np.mean((stack - truth) ** 2))
            print(f"  {level:26} RMSE {rmse:6.2f} HU  PSNR {20 * np.log10(span / rmse):6.2f} dB")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=["write", "compare"])
    parser.add_argument("folder", type=pathlib.Path)
    arguments = parser.parse_args()
    {"write": write, "compare": compare}[arguments.action](arguments.folder)


if __name__ == "__main__":
    main()
