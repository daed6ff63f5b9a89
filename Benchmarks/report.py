"""The result as Markdown: one table per part, the machine, the server and the commands beside the figures."""

import os
import platform
import shutil
import subprocess
from pathlib import Path


def first_line(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.splitlines()[0].strip()
    except (OSError, IndexError):
        return "not installed"


def machine(work):
    cpu = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
         if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} × {cpu}, {memory:.0f} GiB memory, Linux {platform.release()}, "
        f"{shutil.disk_usage(work).total / 2**30:.0f} GiB disk that writes {disk_rate(work):.0f} MB/s "
        "(256 MiB, then fsync)")


def disk_rate(work):
    import time

    path = work / "disk-rate"
    block = os.urandom(1 << 20)
    start = time.perf_counter()
    with path.open("wb") as file:
        for _ in range(256):
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    seconds = time.perf_counter() - start
    path.unlink()
    return 256 * 1.048576 / seconds


def versions(program):
    import numpy
    import psycopg
    import pydicom

    return ", ".join([
        "slicehouse " + first_line(program, "--version"), first_line("psql", "--version"),
        "Orthanc " + first_line("dpkg-query", "-W", "-f", "${Version}", "orthanc"),
        f"pydicom {pydicom.__version__}", f"psycopg {psycopg.__version__}", f"NumPy {numpy.__version__}",
        "Python " + platform.python_version()])


def rates(contenders, count, byte_count, reference, ours):
    """Slices per second of each contender, its distance to the reference, and how far ours is ahead of it."""
    base = next(item for item in contenders if item.name == reference)
    own = next(item for item in contenders if item.name == ours)
    lines = [
        "| what | slices/s | fastest–slowest run | MB/s of source pixels | of the bare load | ours is faster by "
        "| client CPU, ms a slice | peak memory, MiB | command |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---|"]
    for item in sorted(contenders, key=lambda item: item.seconds):
        fastest, slowest = item.spread
        lines.append(
            f"| {item.name} | {count / item.seconds:,.0f} | {count / fastest:,.0f}–{count / slowest:,.0f} "
            f"| {byte_count / item.seconds / 1e6:,.0f} | {base.seconds / item.seconds:.0%} "
            f"| {item.seconds / own.seconds:.1f}× | {item.cpu_seconds / count * 1000:.2f} "
            f"| {item.peak_bytes / 2**20:,.0f} | `{item.command}` |")
    return lines


def goal(text, is_met):
    return f"- {'met' if is_met else '**missed**'}: {text}"


def write(path, title, work, program, settings, load, sections):
    lines = [
        f"# {title}", "",
        f"Machine: {machine(work)}. Load average when the run began: {load[0]:.1f}.", "",
        f"Programs: {versions(program)}.", "",
        "Server: throwaway cluster on the same disk, " + ", ".join(
            f"`{name} = {value}`" for name, value in settings.items()) + ".", "",
        "Each figure is a median; contenders take turns in rotating order after one unmeasured round, each run into an "
        "empty database after a checkpoint and `sync`. Wall time from the start of the process to its end, start of "
        "the interpreter included; servers run already. Source files lie in the page cache. MB are 10⁶ bytes.", ""]
    for section in sections:
        lines += section + [""]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines).rstrip() + "\n")
