"""Values of 12 bits that wrapped, slice by slice, from the warehouse: the repair of RSNA 2019 against NumPy."""

import numpy as np
import pytest
import slicehouse
from training_sets import baked, create
from warehouses import ENGINES, TestWarehouse, run

MATRIX = 16
# Bits Stored (0028,0101) as explicit VR, little-endian; High Bit follows.
TWELVE = bytes([0x28, 0, 1, 1]) + b"US" + bytes([2, 0, 12, 0])
SIXTEEN = bytes([0x28, 0, 1, 1]) + b"US" + bytes([2, 0, 16, 0])


def write_heads(folder):
    """RSNA 2019, where in the series of 12 bits two slices say 16 and hold values beyond. UID → values in HU."""
    run("phantom", "rsna-2019", str(folder / "rsna"), "--matrix", str(MATRIX))
    expected, changed = {}, 0
    for path in sorted((folder / "rsna/stage_2_train").glob("*.dcm")):
        data = path.read_bytes()
        size = MATRIX * MATRIX * 2
        if TWELVE not in data:
            continue
        place = data.index(TWELVE) + len(TWELVE)
        values = np.frombuffer(data[-size:], "<u2").astype(np.int64)
        if changed < 2:
            changed += 1
            values = values.copy()
            values[:3] = 5000, 3500, 3096
            head = bytearray(data[:-size])
            assert head[place + 8] == 11
            head[place - len(TWELVE):place] = SIXTEEN
            head[place + 8] = 15
            path.write_bytes(bytes(head) + values.astype("<u2").tobytes())
            hu = values
        else:
            hu = np.where(values + 1000 >= 4096, values + 1000 - 4096, values + 1000) - 1000
        expected[path.stem] = hu.reshape(MATRIX, MATRIX).astype(np.float32)
    assert changed == 2 and len(expected) == 6
    return expected


@pytest.fixture(scope="module", params=ENGINES)
def heads(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("heads")
    expected = write_heads(folder)
    made = TestWarehouse(request.param, tmp_path_factory.mktemp("warehouse"))
    run("ingest", str(folder / "rsna"), "--database", made.url)
    run("split", "create", "all", "--folds", "train=1", "--database", made.url)
    yield made, expected
    made.drop()


def test_only_slices_of_twelve_bits_are_turned_back(heads, tmp_path):
    warehouse, expected = heads
    recipe = {"values": "unwrapped"}
    made, _ = create(warehouse, tmp_path, "heads", recipe, "--sample", "slice", "--target", "none")
    rows = slicehouse.open(warehouse.url).sql(
        """SELECT t.sample_number, s.sop_instance_uid FROM training_sample AS t
        JOIN training_set AS x ON x.training_set_id = t.training_set_id
        JOIN slice AS s ON s.patient_id = t.patient_id AND s.slice_id = t.slice_id WHERE x.name = 'heads'""")
    names = dict(rows.rows())
    code, error = baked(made, warehouse, tmp_path / "bake")
    assert code == 0, error
    for options in ({}, {"baked": str(tmp_path / "bake")}):
        seen = 0
        with made.batches("train", batch_size=1, shuffle=False, **options) as batches:
            for batch in batches:
                uid = names[int(batch.sample_number[0])]
                if uid in expected:
                    seen += 1
                    assert np.array_equal(np.asarray(batch.image)[0, 0], expected[uid]), (uid, options)
        assert seen == 6
