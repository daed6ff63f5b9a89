import os
import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
os.environ.setdefault("SLICEHOUSE_LIBRARY", str(ROOT / ".build/release/libSlicehouseStream.so"))
sys.path.insert(0, str(ROOT / "python/src"))

from chests import store_chests  # noqa: E402
from warehouses import ENGINES, WINDOW, TestWarehouse, freeze, make_cohort, run, volumes  # noqa: E402


@pytest.fixture(scope="session")
def cohort(tmp_path_factory):
    return make_cohort(tmp_path_factory.mktemp("cohort"))


@pytest.fixture(scope="session", params=ENGINES)
def warehouse(request, cohort, tmp_path_factory):
    made = TestWarehouse(request.param, tmp_path_factory.mktemp("warehouse"))
    run("ingest", str(cohort), "--database", made.url)
    yield made
    made.drop()


@pytest.fixture(scope="session")
def slices(warehouse):
    return warehouse.slices()


@pytest.fixture(scope="session")
def truth(cohort):
    return volumes(cohort)


@pytest.fixture(scope="session")
def ich(warehouse, slices):
    """One sample per slice; the last patient validates."""
    last = slices[-1]["patient_id"]
    samples = [{"slices": [s], "fold": "validation" if s["patient_id"] == last else "train", "weight": 1 + i / 8}
               for i, s in enumerate(slices)]  # fmt: skip
    return freeze(warehouse, "ich", WINDOW, samples)


@pytest.fixture(scope="session", params=ENGINES)
def chest(request, tmp_path_factory):
    """Two volumes with bright balls; whoever changes a row changes it back."""
    made = store_chests(request.param, tmp_path_factory.mktemp("chest"), tmp_path_factory.mktemp("warehouse"))
    yield made
    made.drop()
