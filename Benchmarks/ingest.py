"""Ingest: slicehouse beside its peers. Started by Benchmarks/run, which says how."""

import argparse
import datetime
import os
import sqlite3
import statistics
from pathlib import Path

import corpus
import report
import server
from measure import alternate, execute
from ours import Slicehouse, remove_sqlite
from peers import bare_sqlite, orthanc, psql_copy, pydicom_copy

OURS = "**slicehouse**"


class Benchmark:
    def __init__(self, options):
        self.work = options.work
        self.runs = options.runs
        self.scale = 10 if options.quick else 1
        self.program = os.environ["SLICEHOUSE"]
        self.slicehouse = Slicehouse(self.program, self.work)
        self.sqlite_path = self.work / "bench.sqlite"

    # Corpora

    def large(self):
        """About 1,000 CT slices of 512×512×16 bit."""
        found = corpus.dicom(self.work, self.program, patients=max(1, 19 // self.scale))
        self.count_slices(found)
        return found

    def count_slices(self, found):
        """Ingests once to learn how many slices the files hold and what they are compressed to."""
        remove_sqlite(self.sqlite_path)
        _, summary = self.slicehouse.ingest(found, f"sqlite:{self.sqlite_path}")
        found.slices = summary["slices_stored"]
        found.series = summary["series_stored"]
        with sqlite3.connect(self.sqlite_path) as connection:
            found.pixel_bytes, = connection.execute(
                "SELECT sum(rows * columns * samples_per_pixel * 2) FROM slice").fetchone()
            found.stored_bytes, = connection.execute("SELECT sum(length(bytes)) FROM slice_pixels").fetchone()
        remove_sqlite(self.sqlite_path)

    def described(self, found):
        return (
            f"{found.slices:,} slices in {found.series} series, {found.byte_count / 1e6:,.0f} MB in "
            f"{len(found.files):,} files, {found.description}. Gaussian photon noise in every pixel: LZ4 with byte "
            f"shuffle makes {found.pixel_bytes / found.stored_bytes:.2f} of 1.")

    # Parts

    def postgresql(self):
        found = self.large()
        rows = self.work / "pixels.copy"
        rows.unlink(missing_ok=True)
        keep = lambda database: rows.exists() or psql_copy.export(database, rows)
        bare = psql_copy.contender(rows, found.slices)
        contenders = [
            self.slicehouse.postgresql(found, found.slices, keep), bare,
            pydicom_copy.contender(found, self.work / "files.txt", found.slices),
            *(orthanc.contender(found, self.work / "orthanc", found.slices, clients, in_postgresql=True)
              for clients in (1, 4))]
        alternate(contenders, self.runs)
        rows.unlink()
        own = contenders[0]
        share = bare.seconds / own.seconds
        ahead = min(item.seconds for item in contenders[2:]) / own.seconds
        return [
            "## PostgreSQL: 1,000 CT slices", "", self.described(found), "",
            *report.rates(contenders, found.slices, found.pixel_bytes, bare.name, OURS), "",
            "`\\copy` loads the very pixel rows that slicehouse stored, in one transaction into one table with its "
            "key: no parsing, no digests, no headers, no foreign keys, no partitions, no other table. slicehouse and "
            "the Python loader store file digest, pixel digest, statistics and headers with the pixels; Orthanc stores "
            "the files as they are and an index of a few tags. Memory of Orthanc is that of its server process.", "",
            report.goal(f"at least 60% of `\\copy` of the same bytes: {share:.0%}", share >= 0.6),
            report.goal(f"ahead of every peer: {ahead:.1f}× the fastest", ahead > 1)]

    def sqlite(self):
        found = self.large()
        rows = self.work / "pixels.rows"
        rows.unlink(missing_ok=True)
        keep = lambda database: rows.exists() or bare_sqlite.export(database, rows)
        bare = bare_sqlite.contender(rows, self.work / "bare.sqlite", found.slices)
        contenders = [
            self.slicehouse.sqlite(found, self.sqlite_path, found.slices, keep), bare,
            *(orthanc.contender(found, self.work / "orthanc", found.slices, clients, in_postgresql=False)
              for clients in (1, 4))]
        alternate(contenders, self.runs)
        rows.unlink()
        own = contenders[0]
        share = bare.seconds / own.seconds
        ahead = min(item.seconds for item in contenders[2:]) / own.seconds
        return [
            "## SQLite: 1,000 CT slices", "", self.described(found), "",
            *report.rates(contenders, found.slices, found.pixel_bytes, bare.name, OURS), "",
            "Bare inserts use the same pragmas (16-KiB pages, WAL, synchronous = NORMAL) and fold the log into the file "
            "at the end, as slicehouse does. The peak memory of the bare inserts is that of this benchmark.", "",
            report.goal(f"at least 50% of bare inserts of the same bytes: {share:.0%}", share >= 0.5),
            report.goal(f"at least twice Orthanc's fastest: {ahead:.1f}×", ahead >= 2)]

    def rerun(self):
        """A folder of small files that are all known."""
        found = corpus.dicom(self.work, self.program, patients=max(1, 590 // self.scale), slices=100, matrix=32)
        floor = [execute(["find", found.path, "-type", "f", "-printf", "%s %T@ %C@ %p\\n"]) for _ in range(self.runs)]
        rows = [("`find DIR -type f -printf '%s %T@ %C@ %p\\n'`", floor, None)]
        rates = []
        for engine, database, drop in self.engines():
            first, _ = self.slicehouse.ingest(found, database)
            runs = [self.slicehouse.rerun(found, database) for _ in range(self.runs)]
            rates.append(len(found.files) / statistics.median(run.seconds for run in runs))
            rows.append((f"**slicehouse**, {engine}", runs, first))
            drop()
        lines = [
            "## Rerun of a known folder", "",
            f"{len(found.files):,} files that the warehouse knows, {found.description}. The program walks the folder, "
            "compares size and both times of every file with what is stored, and finds nothing to do.", "",
            "| what | files/s | seconds | peak memory, MiB | first ingest, files/s |", "|---|---:|---:|---:|---:|"]
        for name, runs, first in rows:
            seconds = statistics.median(run.seconds for run in runs)
            peak = max(run.peak_bytes for run in runs) / 2**20
            earlier = f"{len(found.files) / first.seconds:,.0f}" if first else ""
            lines.append(f"| {name} | {len(found.files) / seconds:,.0f} | {seconds:.2f} | {peak:,.0f} | {earlier} |")
        return lines + [
            "", report.goal(f"at least 50,000 files/s: {min(rates):,.0f} at least", min(rates) >= 50_000)]

    def engines(self):
        """Name, URL and disposal of an empty warehouse in each engine, one after the other."""
        remove_sqlite(self.sqlite_path)
        yield "SQLite", f"sqlite:{self.sqlite_path}", lambda: remove_sqlite(self.sqlite_path)
        name = server.create()
        yield "PostgreSQL", server.url(name), lambda: server.drop(name)

    def memory(self):
        """Peak memory beside the number of files and slices."""
        small = [(max(1, patients // self.scale), 100, 64) for patients in (6, 24, 95)]
        large = [(max(1, patients // self.scale), None, 512) for patients in (5, 19)]
        lines = [
            "## Memory", "", "Peak resident memory of one ingest; the largest of both goes into the goal.", "",
            "| files | slices | matrix | SQLite, MiB | slices/s | PostgreSQL, MiB | slices/s |",
            "|---:|---:|---:|---:|---:|---:|---:|"]
        peaks = []
        for patients, slices, matrix in small + large:
            found = corpus.dicom(self.work, self.program, patients, slices, matrix)
            cells = []
            for _, database, drop in self.engines():
                run, summary = self.slicehouse.ingest(found, database)
                drop()
                peaks.append(run.peak_bytes / 2**20)
                cells += [f"{run.peak_bytes / 2**20:,.0f}", f"{summary['slices_stored'] / run.seconds:,.0f}"]
            lines.append(
                f"| {len(found.files):,} | {summary['slices_stored']:,} | {matrix}² | " + " | ".join(cells) + " |")
        growth = max(b / a for a, b in zip(peaks[:2], peaks[4:6]))
        return lines + [
            "", report.goal(f"below 1 GiB: {max(peaks):,.0f} MiB", max(peaks) < 1024),
            report.goal(f"flat: sixteen times the files take {growth:.2f} times the memory", growth < 1.5)]

    def ct_ich(self):
        """The NIfTI tree of CT-ICH with its masks and labels."""
        found = corpus.ct_ich(self.work, self.program)
        lines = [
            "## CT-ICH 1.3.1", "",
            f"{len(found.files)} files, {found.byte_count / 1e6:,.0f} MB, {found.description}. Scans, masks and label "
            "tables; slices are those of scans and masks together.", "",
            "| engine | seconds | slices/s | labels | masks | peak memory, MiB |", "|---|---:|---:|---:|---:|---:|"]
        for engine in ("SQLite", "PostgreSQL"):
            runs = []
            for _ in range(self.runs):
                for name, database, drop in self.engines():
                    if name == engine:
                        runs.append(self.slicehouse.ingest(found, database))
                    drop()
            seconds = statistics.median(run.seconds for run, _ in runs)
            summary = runs[-1][1]
            lines.append(
                f"| {engine} | {seconds:.2f} | {summary['slices_stored'] / seconds:,.0f} "
                f"| {summary['labels_stored']:,} | {summary['masks_stored']:,} "
                f"| {max(run.peak_bytes for run, _ in runs) / 2**20:,.0f} |")
        return lines


def parsed():
    parser = argparse.ArgumentParser(prog="Benchmarks/run", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=["postgresql", "sqlite", "rerun", "memory", "ct-ich", []])
    parser.add_argument("--work", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--quick", action="store_true")
    return parser.parse_args()


def main():
    options = parsed()
    benchmark = Benchmark(options)
    load = os.getloadavg()
    parts = options.parts or ["postgresql", "sqlite", "rerun", "memory", "ct-ich"]
    sections = []
    for part in parts:
        print(part, flush=True)
        sections.append(getattr(benchmark, part.replace("-", "_"))())
    today = datetime.date.today().isoformat()
    folder = options.work if options.quick else Path(__file__).parent / "results"
    path = folder / f"{today}-ingest.md"
    report.write(
        path, f"Ingest, {today}", options.work, benchmark.program, server.settings(), load, sections)
    print(path.read_text())


if __name__ == "__main__":
    main()
