"""slicehouse.torch with PyTorch's own DataLoader."""

import copy
import multiprocessing
import pickle
import time

import numpy as np
import pytest
import slicehouse
import torch
from slicehouse.torch import Dataset
from torch.utils.data import DataLoader

from warehouses import ENGINES, TestWarehouse, freeze, make_cohort, run

WINDOW = {"steps": [{"step": "window", "windows": [{"center": 40, "width": 120}]}]}


@pytest.fixture(scope="session", params=ENGINES)
def warehouse(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("warehouse")
    made = TestWarehouse(request.param, folder)
    run("ingest", str(make_cohort(folder, patients=3)), "--database", made.url)
    freeze(made, "ich", WINDOW, [{"slices": [s]} for s in made.slices()])
    yield made
    made.drop()


@pytest.fixture
def expected(warehouse):
    made = slicehouse.open(warehouse.url).training_set("ich")
    return [(b.sample_number.tolist(), b.image.copy(), b.mask.copy()) for b in made.batches(batch_size=8, seed=3)]


@pytest.mark.parametrize("workers,context", [(0, None), (1, "fork"), (3, "fork"), (2, "spawn")])
def test_a_data_loader_gives_the_same_batches_with_any_workers(warehouse, expected, workers, context):
    dataset = Dataset(warehouse.url, "ich@1", batch_size=8, seed=3)
    assert len(dataset) == len(expected)  # opens the set in the parent, before the fork
    loader = DataLoader(dataset, batch_size=None, num_workers=workers, multiprocessing_context=context)
    got = list(loader)
    assert [b["sample_number"].tolist() for b in got] == [numbers for numbers, _, _ in expected]
    for batch, (_, image, mask) in zip(got, expected):
        assert batch["image"].dtype == torch.float32 and np.array_equal(batch["image"].numpy(), image)
        assert np.array_equal(batch["mask"].numpy(), mask)


def test_tensors_share_the_memory_of_the_library(warehouse):
    batch = next(iter(Dataset(warehouse.url, "ich", batch_size=4)))
    made = next(slicehouse.open(warehouse.url).training_set("ich").batches(batch_size=4))
    tensor = torch.from_dlpack(made)
    tensor[0, 0, 0, 0] = 7
    assert made.image[0, 0, 0, 0] == 7 and batch["image"].shape == tensor.shape


def test_state_resumes_behind_the_last_batch(warehouse, expected):
    dataset = Dataset(warehouse.url, "ich", batch_size=8, seed=3)
    iterator = iter(dataset)
    for _ in range(3):
        next(iterator)
    state = pickle.loads(pickle.dumps(dataset.state_dict()))
    iterator.close()
    again = pickle.loads(pickle.dumps(dataset))
    again.load_state_dict(state)
    assert [b["sample_number"].tolist() for b in again] == [numbers for numbers, _, _ in expected[3:]]
    assert again.state_dict() == {"epoch": 1, "consumed": 0, "skip": 0}


@pytest.mark.parametrize("workers,context", [(0, None), (2, "fork"), (2, "spawn")])
@pytest.mark.parametrize("again", [0, 3])
def test_an_epoch_is_resumed_behind_a_batch_with_other_workers(warehouse, expected, workers, context, again):
    dataset = Dataset(warehouse.url, "ich", batch_size=8, seed=3)
    dataset.set_epoch(0)
    loader = DataLoader(dataset, batch_size=None, num_workers=workers, multiprocessing_context=context)
    batches = iter(loader)
    taken = [next(batches) for _ in range(5)]
    state = pickle.loads(pickle.dumps(dataset.state_after(taken[-1])))
    assert state == {"epoch": 0, "consumed": 40, "skip": 0}
    if workers:
        # The parent cannot see how far its workers are, and must not say that the epoch is at its beginning.
        with pytest.raises(slicehouse.Error, match="dataset.state_after"):
            dataset.state_dict()
    else:
        assert dataset.state_dict() == state
    del batches
    other = Dataset(warehouse.url, "ich", batch_size=8, seed=3)
    other.load_state_dict(state)
    assert other.state_dict() == state
    rest = list(DataLoader(other, batch_size=None, num_workers=again))
    assert [b["sample_number"].tolist() for b in taken + rest] == [numbers for numbers, _, _ in expected]
    assert {b["epoch"] for b in rest} == {0}


def test_the_state_is_known_again_once_it_is_set(warehouse):
    dataset = Dataset(warehouse.url, "ich", batch_size=8)
    copy = pickle.loads(pickle.dumps(dataset))
    list(DataLoader(dataset, batch_size=None, num_workers=1))
    with pytest.raises(slicehouse.Error, match="workers of a DataLoader"):
        dataset.state_dict()
    assert copy.state_dict() == {"epoch": 0, "consumed": 0, "skip": 0}
    dataset.set_epoch(1)
    assert dataset.state_dict() == {"epoch": 1, "consumed": 0, "skip": 0}
    next(iter(dataset))
    assert dataset.state_dict() == {"epoch": 1, "consumed": 8, "skip": 0}


@pytest.mark.parametrize("workers", [0, 2])
def test_a_stateful_data_loader_resumes(warehouse, expected, workers):
    loaders = pytest.importorskip("torchdata.stateful_dataloader")

    def loader():
        dataset = Dataset(warehouse.url, "ich", batch_size=8, seed=3)
        return loaders.StatefulDataLoader(dataset, batch_size=None, num_workers=workers)

    first, second = loader(), loader()
    batches = iter(first)
    taken = [next(batches) for _ in range(5)]
    second.load_state_dict(first.state_dict())
    del batches
    assert [b["sample_number"].tolist() for b in taken + list(second)] == [numbers for numbers, _, _ in expected]


def numbers(batches):
    return [n for batch in batches for n in batch["sample_number"].tolist()]


@pytest.fixture
def epochs(warehouse):
    """Sample numbers of the first epochs."""
    made = slicehouse.open(warehouse.url).training_set("ich")
    return [[n for b in made.batches(batch_size=8, seed=3, epoch=e) for n in b.sample_number.tolist()] for e in range(4)]


@pytest.mark.parametrize("workers,persistent", [(0, False), (1, False), (2, False), (2, True)])
@pytest.mark.parametrize("ended", [False, True])
def test_behind_the_last_batch_a_stateful_data_loader_goes_on_with_the_next_epoch(warehouse, epochs, workers, persistent, ended):
    loaders = pytest.importorskip("torchdata.stateful_dataloader")

    def loader():
        dataset = Dataset(warehouse.url, "ich", batch_size=8, seed=3)
        return loaders.StatefulDataLoader(dataset, batch_size=None, num_workers=workers, persistent_workers=persistent)

    first, second = loader(), loader()
    batches = iter(first)
    taken = [next(batches) for _ in range(-(-len(epochs[0]) // 8))]
    assert numbers(taken) == epochs[0]
    if ended:
        assert next(batches, None) is None
    second.load_state_dict(pickle.loads(pickle.dumps(first.state_dict())))
    del batches
    if not ended:
        # The end was not met yet: what is left of the epoch is nothing.
        assert list(second) == []
    got = list(second)
    assert numbers(got) == epochs[1] and {b["epoch"] for b in got} == {1}


@pytest.mark.parametrize("workers", [0, 2])
def test_behind_the_rest_of_an_epoch_a_stateful_data_loader_goes_on_with_the_next(warehouse, epochs, workers):
    loaders = pytest.importorskip("torchdata.stateful_dataloader")
    first, second = (
        loaders.StatefulDataLoader(
            Dataset(warehouse.url, "ich", batch_size=8, seed=3), batch_size=None, num_workers=workers)
        for _ in range(2)
    )  # fmt: skip
    batches = iter(first)
    taken = [next(batches) for _ in range(3)]
    second.load_state_dict(first.state_dict())
    del batches
    assert numbers(taken + list(second)) == epochs[0]
    assert numbers(second) == epochs[1]
    second.dataset.set_epoch(3)
    assert numbers(second) == epochs[3]


@pytest.mark.parametrize("context", ["fork", "spawn"])
def test_workers_that_persist_hear_of_the_epoch_that_is_set(warehouse, epochs, context):
    dataset = Dataset(warehouse.url, "ich", batch_size=8, seed=3)
    loader = DataLoader(
        dataset, batch_size=None, num_workers=2, persistent_workers=True, multiprocessing_context=context)
    for epoch in (0, 2, 2, 1):
        dataset.set_epoch(epoch)
        got = list(loader)
        assert numbers(got) == epochs[epoch] and {b["epoch"] for b in got} == {epoch}
    # Where nobody says so, they count.
    assert numbers(loader) == epochs[2]
    dataset.load_state_dict(Dataset.state_after(got[0]))
    assert numbers(loader) == epochs[1][8:]
    # A pass that was broken off leaves the next one whole.
    next(iter(loader))
    assert numbers(loader) == epochs[3]


def test_an_epoch_that_is_set_while_batches_are_taken_is_the_next_one(warehouse, epochs):
    dataset = Dataset(warehouse.url, "ich", batch_size=8, seed=3)
    batches = iter(dataset)
    first = next(batches)
    dataset.set_epoch(2)
    assert numbers([first, *batches]) == epochs[0]
    assert dataset.state_dict() == {"epoch": 2, "consumed": 0, "skip": 0} and numbers(dataset) == epochs[2]


@pytest.mark.parametrize("workers", [0, 2])
def test_a_pass_that_was_broken_off_is_begun_anew(warehouse, epochs, workers):
    dataset = Dataset(warehouse.url, "ich", batch_size=8, seed=3)
    loader = DataLoader(dataset, batch_size=None, num_workers=workers)
    assert numbers([next(iter(loader))]) == epochs[0][:8]
    if not workers:
        # Where it was broken off, for whoever wants to go on there.
        state = dataset.state_dict()
        assert state == {"epoch": 0, "consumed": 8, "skip": 0}
    assert numbers(loader) == epochs[0]
    if not workers:
        assert numbers(loader) == epochs[1]
        dataset.load_state_dict(state)
        assert numbers([next(iter(loader))]) == epochs[0][8:16]
        assert dataset.state_dict() == {"epoch": 0, "consumed": 16, "skip": 0}
        assert numbers(loader) == epochs[0][8:] and numbers(loader) == epochs[1]


def test_a_glance_during_a_pass_does_not_move_it(warehouse, epochs):
    dataset = Dataset(warehouse.url, "ich", batch_size=8, seed=3)
    batches = iter(dataset)
    first = [next(batches), next(batches)]
    next(iter(dataset))
    third = next(batches)
    assert dataset.state_dict() == {"epoch": 0, "consumed": 24, "skip": 0}
    assert numbers([*first, third, *batches]) == epochs[0]
    assert dataset.state_dict() == {"epoch": 1, "consumed": 0, "skip": 0} and numbers(dataset) == epochs[1]


@pytest.mark.parametrize("persistent", [False, True])
def test_workers_that_are_still_starting_keep_the_epoch_that_they_were_started_for(warehouse, epochs, persistent):
    dataset = Dataset(warehouse.url, "ich", batch_size=8, seed=3)
    loader = DataLoader(
        dataset, batch_size=None, num_workers=2, persistent_workers=persistent, multiprocessing_context="fork",
        worker_init_fn=lambda number: time.sleep(0.5 * number))  # fmt: skip
    batches = iter(loader)
    dataset.set_epoch(3)
    assert numbers(batches) == epochs[0]
    assert numbers(loader) == epochs[3]


@pytest.mark.parametrize("persistent", [False, True])
def test_behind_a_state_that_was_loaded_workers_go_on_with_each_pass(warehouse, epochs, persistent):
    loaders = pytest.importorskip("torchdata.stateful_dataloader")

    def loader(kind):
        dataset = Dataset(warehouse.url, "ich", batch_size=8, seed=3)
        return kind(dataset, batch_size=None, num_workers=2, persistent_workers=persistent)

    first, second, plain = loader(loaders.StatefulDataLoader), loader(loaders.StatefulDataLoader), loader(DataLoader)
    batches = iter(first)
    taken = [next(batches) for _ in range(3)]
    second.load_state_dict(first.state_dict())
    plain.dataset.load_state_dict(Dataset.state_after(taken[-1]))
    del batches
    for resumed in (second, plain):
        assert numbers(resumed) == epochs[0][24:]
        for epoch in (1, 2, 3):
            assert numbers(resumed) == epochs[epoch]
        resumed.dataset.set_epoch(1)
        assert numbers(resumed) == epochs[1]
        if not persistent:
            # Workers that are started anew begin the epoch that was set, as long as nobody sets another.
            assert numbers(resumed) == epochs[1]


@pytest.mark.parametrize("take", [copy.copy, copy.deepcopy, lambda dataset: pickle.loads(pickle.dumps(dataset))])
def test_a_copy_is_a_dataset_of_its_own(warehouse, epochs, take):
    dataset = Dataset(warehouse.url, "ich", batch_size=8, seed=3)
    loader = DataLoader(dataset, batch_size=None, num_workers=1, persistent_workers=True)
    dataset.set_epoch(1)
    other = take(dataset)
    assert other.state_dict() == {"epoch": 1, "consumed": 0, "skip": 0}
    assert numbers(loader) == epochs[1]
    # The workers of the one do not hear of the other, and who reads is known of each.
    assert other.state_dict() == {"epoch": 1, "consumed": 0, "skip": 0}
    other.set_epoch(0)
    next(iter(other))
    assert other.state_dict() == {"epoch": 0, "consumed": 8, "skip": 0}
    with pytest.raises(slicehouse.Error, match="workers of a DataLoader"):
        dataset.state_dict()
    assert numbers(loader) == epochs[2]


def _read_in_process(dataset, epoch, queue):
    if epoch is not None:
        dataset.set_epoch(epoch)
    loader = DataLoader(dataset, batch_size=None, num_workers=1, persistent_workers=True, multiprocessing_context="fork")
    queue.put([numbers(loader), numbers(loader), len(dataset)])


@pytest.mark.parametrize("context", ["fork", "spawn"])
@pytest.mark.parametrize("epoch", [None, 3])
def test_a_dataset_that_another_process_gets_is_one_of_its_own(warehouse, epochs, context, epoch):
    dataset = Dataset(warehouse.url, "ich", batch_size=8, seed=3)
    loader = DataLoader(dataset, batch_size=None, num_workers=1, persistent_workers=True)
    count = len(dataset)
    made = multiprocessing.get_context(context)
    queue = made.Queue()
    child = made.Process(target=_read_in_process, args=(dataset, epoch, queue))
    assert numbers(loader) == epochs[0]
    child.start()
    said = queue.get(timeout=120)
    child.join(60)
    first = epoch or 0
    assert said[0] == epochs[first] and said[2] == count
    assert first == 3 or said[1] == epochs[1]
    # What was set there is not heard here, nor was who read it.
    assert numbers(loader) == epochs[1]
    dataset.set_epoch(2)
    assert dataset.state_dict() == {"epoch": 2, "consumed": 0, "skip": 0}


def test_a_length_takes_options_of_threads(warehouse, expected):
    assert len(Dataset(warehouse.url, "ich", batch_size=8, threads=2, prefetch=3)) == len(expected)


def test_ranks_come_from_the_caller_or_from_torch(warehouse, monkeypatch):
    def share(**given):
        dataset = Dataset(warehouse.url, "ich", batch_size=4, tail="short", **given)
        return numbers(dataset)

    whole = share()
    halves = [share(rank=rank, world_size=2) for rank in range(2)]
    assert sorted(halves[0] + halves[1]) == sorted(whole) and share(world_size=1) == whole
    for given, words in [({"world_size": 2}, "world_size is 2 and rank is not given"), ({"rank": 1}, "rank is 1 and world_size")]:
        with pytest.raises(slicehouse.PlanError, match=words):
            share(**given)
    monkeypatch.setattr(torch.distributed, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.distributed, "get_rank", lambda: 1)
    monkeypatch.setattr(torch.distributed, "get_world_size", lambda: 2)
    for given in ({}, {"rank": 1}, {"world_size": 2}):
        assert share(**given) == halves[1]
    assert share(rank=0) == halves[0] and share(world_size=1) == whole


def test_an_option_that_does_not_exist_is_refused_at_once(warehouse):
    for option, words in [("bogus", "there is no such option"), ("consumed", "see load_state_dict")]:
        with pytest.raises(TypeError, match=words):
            Dataset(warehouse.url, "ich", **{option: 3})


def test_epochs_differ_and_ranks_share(warehouse, expected):
    dataset = Dataset(warehouse.url, "ich", batch_size=4, seed=3)
    dataset.set_epoch(1)
    first = [n for b in dataset for n in b["sample_number"].tolist()]
    plain = [n for numbers, _, _ in expected for n in numbers]
    assert sorted(first) == sorted(plain) and first != plain
    ranks = [Dataset(warehouse.url, "ich", batch_size=4, seed=3, rank=r, world_size=2, tail="short") for r in range(2)]
    numbers = [[n for b in rank for n in b["sample_number"].tolist()] for rank in ranks]
    assert [numbers[p % 2][p // 2] for p in range(len(plain))] == plain
