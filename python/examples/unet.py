"""A small U-Net learns haemorrhages of (synthetic) CT-ICH; and what a split by slice would have pretended.

    slicehouse phantom physionet-ich cohort --patients 24 --tree nifti --matrix 128
    slicehouse ingest cohort --database sqlite:ich.sqlite
    python unet.py sqlite:ich.sqlite --epochs 12 --seeds 0 1 2

The script makes the splits and training sets it needs, trains once on patients that the test patients are not among, and
once on slices drawn without regard to patients, and prints for both the Dice coefficient of the test slices, and that of
a threshold that was chosen on the training slices. Two cores need about ten minutes.

A split by slice cannot be stored in a warehouse. It is imitated here the way it happens elsewhere: one fold is read
whole, and its batches are dealt out by sample number.
"""

import argparse
import json
import subprocess
import tempfile

import numpy as np
import slicehouse
import torch
from torch import nn

RECIPE = {
    "steps": [
        {"step": "window", "windows": [{"center": 40, "width": 80}, {"center": 80, "width": 200}]},
        {"step": "resize", "shape": [64, 64], "kernel": "area"},
    ],
    "mask": {"dtype": "float32", "rule": "coverage"},
    # What comes in from outside is air as the windows leave it.
    "augment": {"flip_columns": 0.5, "rotation_degrees": 8, "scale": [0.92, 1.08], "shift": 0.04, "fill": 0},
}


def create(program, url):
    """Patients into two folds, and one fold of all of them."""

    def run(*arguments):
        done = subprocess.run([program, *arguments, "--database", url], capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(done.stderr)

    with tempfile.NamedTemporaryFile("w", suffix=".json") as recipe:
        recipe.write(json.dumps(RECIPE))
        recipe.flush()
        for name, folds in [("unet-patients", "train=0.7,test=0.3"), ("unet-everybody", "train=1")]:
            run("split", "create", name, "--method", "balanced", "--folds", folds)
            run("training-set", "create", name, "--split", name, "--recipe", recipe.name, "--target", "mask")


class UNet(nn.Module):
    def __init__(self, channels, width=8, depth=3):
        super().__init__()

        def block(a, b):
            return nn.Sequential(*(layer for n in (a, b) for layer in (
                nn.Conv2d(n, b, 3, padding=1, bias=False), nn.BatchNorm2d(b), nn.ReLU(inplace=True))))  # fmt: skip

        sizes = [width * 2**i for i in range(depth + 1)]
        self.down = nn.ModuleList(block(a, b) for a, b in zip([channels, *sizes], sizes))
        self.up = nn.ModuleList(block(a + b, b) for a, b in zip(sizes[:0:-1], sizes[-2::-1]))
        self.out = nn.Conv2d(width, 1, 1)

    def forward(self, x):
        skips = []
        for i, block in enumerate(self.down):
            x = block(x if i == 0 else nn.functional.max_pool2d(x, 2))
            skips.append(x)
        for block, skip in zip(self.up, skips[-2::-1]):
            x = block(torch.cat([nn.functional.interpolate(x, scale_factor=2), skip], 1))
        return self.out(x)


def loss(logits, mask):
    chance = torch.sigmoid(logits)
    dice = (2 * (chance * mask).sum() + 1) / (chance.sum() + mask.sum() + 1)
    return nn.functional.binary_cross_entropy_with_logits(logits, mask) + 1 - dice


class Score:
    """Dice over all voxels of the slices that were added."""

    def __init__(self):
        self.both = self.sum = 0.0

    def add(self, found, mask):
        self.both += float((found * mask).sum())
        self.sum += float(found.sum() + mask.sum())

    @property
    def dice(self):
        return 2 * self.both / max(self.sum, 1)


def is_test(number):
    """Three slices of ten, by sample number: what a split by slice does."""
    return number * 7919 % 10 < 3


def batches(training_set, part, by_slice, **options):
    fold = "train" if by_slice else part
    for batch in training_set.batches(fold, 16, **options):
        kept = np.array([not by_slice or is_test(n) == (part == "test") for n in batch.sample_number])
        if kept.any():
            yield torch.from_numpy(batch.image[kept]), torch.from_numpy(batch.mask[kept])


def threshold(training_set, by_slice):
    """The grey level of the brain window above which most of what is marked lies: the best on the training slices."""
    levels = np.linspace(0.5, 0.98, 25)
    scores = [Score() for _ in levels]
    for image, mask in batches(training_set, "train", by_slice, shuffle=False):
        for level, score in zip(levels, scores):
            # Bone is at the end of the window.
            score.add((image[:, :1] > level) & (image[:, :1] < 0.99), mask)
    return levels[int(np.argmax([score.dice for score in scores]))]


def train(training_set, by_slice, epochs, seed):
    torch.manual_seed(seed)
    model = UNet(2)
    optimiser = torch.optim.AdamW(model.parameters(), 3e-3)
    for epoch in range(epochs):
        model.train()
        total = count = 0
        for image, mask in batches(training_set, "train", by_slice, seed=seed, epoch=epoch):
            optimiser.zero_grad()
            value = loss(model(image), mask)
            value.backward()
            optimiser.step()
            total, count = total + value.item(), count + 1
        print(f"  epoch {epoch + 1}: loss {total / count:.3f}", flush=True)
    return model


def evaluate(model, level, training_set, by_slice):
    model.eval()
    ours, plain = Score(), Score()
    with torch.no_grad():
        for image, mask in batches(training_set, "test", by_slice, shuffle=False):
            ours.add((model(image) > 0).float(), mask)
            plain.add((image[:, :1] > level) & (image[:, :1] < 0.99), mask)
    return ours.dice, plain.dice


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--program", default="slicehouse")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], help="one training for each")
    options = parser.parse_args()
    create(options.program, options.url)
    threads = torch.get_num_threads()  # results depend on it, and on the machine
    warehouse = slicehouse.open(options.url)
    for title, name, by_slice in [("patients", "unet-patients", False), ("slices", "unet-everybody", True)]:
        training_set = warehouse.training_set(name)
        print(f"Split by {title}: {training_set}")
        level = threshold(training_set, by_slice)
        scores = []
        for seed in options.seeds:
            model = train(training_set, by_slice, options.epochs, seed)
            dice, plain = evaluate(model, level, training_set, by_slice)
            scores.append(dice)
            print(f"  seed {seed}: Dice of the test slices {dice:.3f}; of the best threshold {plain:.3f}", flush=True)
        spread = f"{min(scores):.3f} to {max(scores):.3f}"
        print(f"Split by {title}: mean {np.mean(scores):.3f}, {spread}, with {threads} threads\n", flush=True)


if __name__ == "__main__":
    main()
