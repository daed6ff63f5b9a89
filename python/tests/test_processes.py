"""The stream beside threads, forks, signals and a server that goes away."""

import copy
import json
import multiprocessing
import os
import pathlib
import pickle
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest
import slicehouse

from warehouses import SERVER, take


def test_threads_share_a_set(ich):
    expected = take(ich.batches(seed=1))
    results = [None] * 4

    def work(i):
        results[i] = take(ich.batches(seed=1))

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [expected] * 4


def _fork_child(ich, batches, queue):
    said = []
    for call in (lambda: next(batches), lambda: ich.batches()):
        try:
            call()
            said.append("nothing")
        except slicehouse.ForkError as error:
            said.append(str(error))
    again = pickle.loads(pickle.dumps(ich))
    said.append(sum(map(len, take(again.batches()))))
    del ich, batches, again
    queue.put(said)


def test_a_forked_child_is_told_to_open_the_warehouse_itself(ich):
    with ich.batches(batch_size=4) as batches:
        next(batches)
        context = multiprocessing.get_context("fork")
        queue = context.Queue()
        child = context.Process(target=_fork_child, args=(ich, batches, queue))
        child.start()
        said = queue.get(timeout=60)
        child.join(60)
        assert child.exitcode == 0
        assert all("open the warehouse inside the worker" in s for s in said[:2]) and said[2] == ich.folds["train"]
        assert sum(1 for _ in batches) == len(batches) - 1


def test_batches_do_not_pickle(ich):
    with ich.batches(batch_size=4) as batches:
        next(batches)
        for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="pickle the training set"):
                attempt(batches)
        assert sum(1 for _ in batches) == len(batches) - 1


def _forked_reader(url, number):
    """Forks a child that opens the set and reads one batch: its process id."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        with slicehouse.open(url).training_set("ich").batches("validation", batch_size=2, seed=number) as batches:
            status = 0 if len(next(batches)) > 0 else 2
    finally:
        os._exit(status)


def _status(child, seconds):
    """How the child ended; None where it had to be killed."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_children_that_are_forked_in_mid_epoch_do_not_hang(warehouse, ich):
    if warehouse.engine != "sqlite":
        pytest.skip("PostgreSQL's library has no mutex of the whole process")
    is_over = threading.Event()

    def stream(seed):
        epoch = 0
        while not is_over.is_set():
            for _ in ich.batches(batch_size=2, seed=seed, epoch=epoch, threads=4):
                pass
            epoch += 1

    threads = [threading.Thread(target=stream, args=(seed,)) for seed in range(2)]
    for thread in threads:
        thread.start()
    try:
        said = [_status(_forked_reader(warehouse.url, number), 10) for number in range(40)]
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
    assert said == [0] * 40


def test_a_fork_waits_for_no_long_statement(warehouse, ich):
    if warehouse.engine != "sqlite":
        pytest.skip("PostgreSQL's library has no mutex of the whole process")
    # One step of some seconds: a count of the numbers to 10 million.
    statement = ("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000000) "
                 "SELECT count(*) AS n FROM n")  # fmt: skip
    ended = []

    def ask():
        count = slicehouse.open(warehouse.url).sql(statement)["n"][0]
        ended.append((time.monotonic(), int(count)))

    thread = threading.Thread(target=ask)
    thread.start()
    time.sleep(0.3)
    child = _forked_reader(warehouse.url, 0)
    forked = time.monotonic()
    assert _status(child, 10) == 0
    thread.join()
    assert ended[0][1] == 10_000_000 and forked < ended[0][0] - 0.3


def _spawn_child(ich, queue):
    queue.put(take(ich.batches(seed=9)))


def test_a_spawned_child_unpickles_the_set(ich):
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    child = context.Process(target=_spawn_child, args=(ich, queue))
    child.start()
    assert queue.get(timeout=60) == take(ich.batches(seed=9))
    child.join(60)


SCRIPT = textwrap.dedent(
    """
    import json, sys, time
    sys.path[:0] = {path!r}
    import slicehouse
    consumed = {consumed}
    made = slicehouse.open({url!r}).training_set("ich")
    for batch in made.batches(seed=12, batch_size=8, consumed=consumed, prefetch=2):
        print(json.dumps([batch.consumed, batch.sample_number.tolist()]), flush=True)
        time.sleep({pause})
    """
)


def script(warehouse, consumed=0, pause=0.05):
    text = SCRIPT.format(path=sys.path[:3], consumed=consumed, url=warehouse.url, pause=pause)
    # Whoever runs the tests in the background ignores Ctrl-C, and Python then leaves it so.
    return subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))


def test_kill_9_and_resume(warehouse, ich):
    expected = [n for b in take(ich.batches(seed=12, batch_size=8)) for n in b]
    got, consumed = [], 0
    for _ in range(3):
        child = script(warehouse, consumed)
        for _ in range(4):
            consumed, numbers = json.loads(child.stdout.readline())
            got += numbers
        child.kill()
        child.communicate()
    got += [n for b in take(ich.batches(seed=12, batch_size=8, consumed=consumed)) for n in b]
    assert got == expected


def test_ctrl_c_ends_a_loop(warehouse, ich):
    child = script(warehouse, pause=0.02)
    child.stdout.readline()
    child.send_signal(signal.SIGINT)
    _, error = child.communicate(timeout=20)
    assert "KeyboardInterrupt" in error and child.returncode == -signal.SIGINT


def test_closing_early_ends_all_threads(ich):
    before = len(os.listdir("/proc/self/task"))
    for _ in range(10):
        with ich.batches(batch_size=4) as batches:
            next(batches)
        with pytest.raises(StopIteration):
            next(batches)
    assert len(os.listdir("/proc/self/task")) <= before




def control_server(action):
    """Stops the throwaway cluster at once, as a crash does, starts it, or both."""
    folder = SERVER.split("host=")[1].split("&")[0]
    bindir = os.environ.get("PG_BIN") or str(max(pathlib.Path("/usr/lib/postgresql").glob("*/bin")))
    options = [] if action != "start" else ["-o", f"-k {folder} -c listen_addresses='' -c fsync=off"]
    user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    subprocess.run([*user, f"{bindir}/pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "-w", "-l", f"{folder}/data/server.log",
                    *options, action], check=True, stdout=subprocess.DEVNULL, cwd="/")  # fmt: skip


@pytest.mark.skipif(not SERVER, reason="SLICEHOUSE_TEST_POSTGRESQL is not set")
def test_a_restarted_server_is_met_again_at_the_same_sample(warehouse, ich):
    if warehouse.engine != "postgresql":
        pytest.skip("SQLite has no server")
    expected = take(ich.batches(seed=13, batch_size=4))
    got = []
    with ich.batches(seed=13, batch_size=4, prefetch=1) as batches:
        for batch in batches:
            got.append(batch.sample_number.tolist())
            if len(got) in (3, 9):
                control_server("restart")
        retries = batches.info["retries"]
    assert got == expected and retries >= 2


@pytest.mark.skipif(not SERVER, reason="SLICEHOUSE_TEST_POSTGRESQL is not set")
def test_a_server_that_stays_away_is_said(warehouse, ich):
    if warehouse.engine != "postgresql":
        pytest.skip("SQLite has no server")
    with ich.batches(batch_size=2, prefetch=1, retry_seconds=0.5) as batches:
        next(batches)
        control_server("stop")
        try:
            with pytest.raises(slicehouse.DatabaseError, match="PostgreSQL"):
                for _ in batches:
                    pass
        finally:
            control_server("start")
    # The connections that lay idle meanwhile are lost, and opened again.
    assert len(take(ich.batches())) == len(ich.batches())
    assert len(take(ich.batches("validation"))) == len(ich.batches("validation"))
