"""Python's own `sqlite3` and the package on one file: the locks of each hold whatever the other closes."""

import sqlite3
import subprocess

import pytest
import slicehouse
from slicehouse import _sqlite
from warehouses import PROGRAM, TestWarehouse, make_cohort, run


@pytest.fixture
def file(tmp_path):
    warehouse = TestWarehouse("sqlite", tmp_path)
    run("ingest", str(make_cohort(tmp_path, 1)), "--database", warehouse.url)
    return warehouse.path


def use(file):
    """Opens the file, reads and closes it."""
    assert slicehouse.open(f"sqlite:{file}").sql("SELECT count(*) AS found FROM split")["found"][0] >= 0


def split(file, name):
    made = ["split", "create", name, "--folds", "all=1", "--database", f"sqlite:{file}"]
    return subprocess.run([PROGRAM, *made], capture_output=True, text=True).returncode


pytestmark = pytest.mark.skipif(not _sqlite.is_shared(), reason="SQLite is linked into this Python")


def test_a_reader_sees_what_another_process_wrote(file):
    count = "SELECT count(*) FROM split"
    reader = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    assert reader.execute(count).fetchone() == (0,)
    for number in range(1, 5):
        use(file)
        assert split(file, f"s{number}") == 0
        assert reader.execute(count).fetchone() == (number,)
    reader.close()


def test_a_writer_keeps_its_lock(file):
    writer = sqlite3.connect(file, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("CREATE TABLE mine (number INTEGER)")
    use(file)
    # 75: somebody else is writing (docs/operations.md).
    assert split(file, "late") == 75
    writer.execute("COMMIT")
    assert writer.execute("SELECT count(*) FROM mine").fetchone() == (0,)
    assert writer.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    writer.close()
