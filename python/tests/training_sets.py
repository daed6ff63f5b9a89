"""Training sets made by the program, as a person makes them, and what it says of them."""

import json
import subprocess

import slicehouse
from warehouses import PROGRAM


def program(*arguments):
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def create(warehouse, folder, name, recipe, *arguments, split="all"):
    path = folder / f"{name}.json"
    path.write_text(json.dumps(recipe))
    code, output, error = program(
        "training-set", "create", name, "--split", split, "--recipe", str(path), *arguments, "--json", "--database",
        warehouse.url)  # fmt: skip
    assert code == 0, error
    return slicehouse.open(warehouse.url).training_set(name), json.loads(output)


def checked(warehouse, name):
    """What `training-set check` finds: check → count; the exit code says whether any of it is an error."""
    code, output, error = program("training-set", "check", name, "--json", "--database", warehouse.url)
    assert code in (0, 65), error
    return code, {row["check"]: row["count"] for row in map(json.loads, output.splitlines())}


def baked(made, warehouse, folder):
    code, _, error = program("training-set", "bake", made.title, "--out", str(folder), "--database", warehouse.url)
    return code, error
