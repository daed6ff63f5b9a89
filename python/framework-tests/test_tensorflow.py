"""slicehouse.tensorflow: the batches of the stream, and one that outlives its successor."""

import numpy as np
import pytest
import slicehouse

from warehouses import ENGINES, TestWarehouse, freeze, make_cohort, run

tensorflow = pytest.importorskip("tensorflow")

NHWC = {"steps": [{"step": "window", "windows": [{"center": 40, "width": 120}]}], "layout": "NHWC"}


@pytest.fixture(scope="module", params=ENGINES)
def training_set(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tensorflow")
    made = TestWarehouse(request.param, folder)
    run("ingest", str(make_cohort(folder, patients=3)), "--database", made.url)
    freeze(made, "ich", NHWC, [{"slices": [s]} for s in made.slices()])
    yield slicehouse.open(made.url).training_set("ich")
    made.drop()


def test_batches_are_those_of_the_stream(training_set):
    import slicehouse.tensorflow

    options = {"batch_size": 8, "seed": 3, "epoch": 2}
    expected = [(b.image.copy(), b.mask.copy()) for b in training_set.batches(**options)]
    dataset = slicehouse.tensorflow.dataset(training_set, **options)
    image, mask = dataset.element_spec
    assert image.dtype == tensorflow.float32 and mask.dtype == tensorflow.uint8 and image.shape[0] is None
    # All are kept, so that one which shared memory with a later one would show it.
    got = list(dataset.prefetch(2))
    assert len(got) == len(expected)
    for (image, mask), (wanted, marked) in zip(got, expected):
        assert np.array_equal(image.numpy(), wanted) and np.array_equal(mask.numpy(), marked)


def test_a_share_of_several_needs_a_rank(training_set):
    import slicehouse.tensorflow

    with pytest.raises(slicehouse.PlanError, match="world_size is 2 and rank is not given"):
        slicehouse.tensorflow.dataset(training_set, world_size=2)


def test_a_second_pass_gives_the_same(training_set):
    import slicehouse.tensorflow

    dataset = slicehouse.tensorflow.dataset(training_set, batch_size=8, seed=1)
    first, second = ([image.numpy() for image, _ in dataset] for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(first, second)) and len(first) == len(second)
