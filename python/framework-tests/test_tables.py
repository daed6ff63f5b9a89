"""The result of `sql` in the tables of the field; NULL stays NULL, and integers stay integers."""

import pytest
import slicehouse

from warehouses import ENGINES, TestWarehouse, make_cohort, run

QUERY = """
    SELECT 1 AS number, CAST(1.5 AS double precision) AS real, 'a' AS text, CAST(NULL AS integer) AS missing, 7 AS some
    UNION ALL SELECT 2, NULL, NULL, NULL, NULL ORDER BY 1
"""
ROWS = [
    {"number": 1, "real": 1.5, "text": "a", "missing": None, "some": 7},
    {"number": 2, "real": None, "text": None, "missing": None, "some": None},
]


@pytest.fixture(scope="module", params=ENGINES)
def table(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    made = TestWarehouse(request.param, folder)
    run("ingest", str(make_cohort(folder, patients=1)), "--database", made.url)
    yield slicehouse.open(made.url).sql(QUERY)
    made.drop()


def test_pandas(table):
    pandas = pytest.importorskip("pandas")
    frame = table.to_pandas()
    assert list(frame.columns) == list(ROWS[0]) and frame["number"].dtype == "int64"
    assert [{k: None if pandas.isna(v) else v for k, v in row.items()} for row in frame.to_dict("records")] == ROWS


def test_polars(table):
    pytest.importorskip("polars")
    assert table.to_polars().to_dicts() == ROWS


def test_arrow(table):
    pytest.importorskip("pyarrow")
    assert table.to_arrow().to_pylist() == ROWS


EMPTY = "SELECT slice_id, position_mm, pixel_type, pixel_digest FROM slice WHERE slice_id IS NULL"


@pytest.fixture(scope="module", params=ENGINES)
def empty(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("empty")
    made = TestWarehouse(request.param, folder)
    run("migrate", "--database", made.url)
    yield slicehouse.open(made.url).sql(EMPTY)
    made.drop()


def test_an_empty_table_of_arrow_has_types(empty):
    pytest.importorskip("pyarrow")
    assert [str(kind) for kind in empty.to_arrow().schema.types] == ["int64", "double", "string", "binary"]


def test_an_empty_table_of_polars_has_types(empty):
    polars = pytest.importorskip("polars")
    assert empty.to_polars().dtypes == [polars.Int64, polars.Float64, polars.String, polars.Binary]
