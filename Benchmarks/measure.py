"""Runs commands and reports wall time, CPU time and peak memory of each, in alternating order."""

import os
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field


@dataclass
class Run:
    """One run of one contender."""

    seconds: float
    #: User and system time of the contender's client processes; servers are not in it.
    cpu_seconds: float
    #: Largest resident set of a client process, or of the server where the contender is a server.
    peak_bytes: int


@dataclass
class Contender:
    """Something that is measured: `prepare` is not timed, `act` is, `check` says whether the work was done."""

    name: str
    #: What a reader types to see the same.
    command: str
    act: callable
    prepare: callable = lambda: None
    check: callable = lambda: None
    clean: callable = lambda: None
    runs: list = field(default_factory=list)

    @property
    def seconds(self):
        return statistics.median(run.seconds for run in self.runs)

    @property
    def cpu_seconds(self):
        return statistics.median(run.cpu_seconds for run in self.runs)

    @property
    def peak_bytes(self):
        return max(run.peak_bytes for run in self.runs)

    @property
    def spread(self):
        """Fastest and slowest run, in seconds."""
        return min(run.seconds for run in self.runs), max(run.seconds for run in self.runs)


def execute(arguments, environment=None, output=subprocess.DEVNULL, accept=(0,)):
    """Runs one program to its end. Memory and CPU are those of the process itself, as the kernel counts them."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [str(argument) for argument in arguments], stdout=output, stderr=subprocess.PIPE,
        env={**os.environ, **(environment or {})})
    message = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in accept:
        raise SystemExit(f"{' '.join(map(str, arguments))}\nfailed with {process.returncode}:\n{message.decode()}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def timed(function):
    """Times a function of this process; its CPU time includes its threads."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    start = time.perf_counter()
    function()
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(seconds, cpu, after.ru_maxrss * 1024)


def alternate(contenders, runs):
    """Runs each contender once unmeasured (files and WAL segments warm up), then `runs` times, rotating the order."""
    for turn in range(runs + 1):
        shift = turn % len(contenders)
        for contender in contenders[shift:] + contenders[:shift]:
            contender.prepare()
            os.sync()
            run = contender.act()
            contender.check()
            contender.clean()
            label = "warm-up" if turn == 0 else f"run {turn}"
            print(f"  {contender.name}: {run.seconds:.2f} s ({label})", file=sys.stderr)
            if turn > 0:
                contender.runs.append(run)
    return contenders
