"""slicehouse itself, into either engine."""

import json
import os
import sqlite3
import tempfile

import server
from measure import Contender, execute


def remove_sqlite(path):
    for suffix in ("", "-wal", "-shm", "-writer"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


class Slicehouse:
    """The program with a pseudonym key of its own, so that no benchmark touches the user's."""

    def __init__(self, program, work):
        self.program = program
        key = work / "pseudonym.key"
        if not key.exists():
            key.touch(mode=0o600)
            key.write_bytes(os.urandom(32))
        self.environment = {"SLICEHOUSE_PSEUDONYM_KEY": str(key)}

    def ingest(self, corpus, database):
        """The run and the summary that the program prints last."""
        with tempfile.TemporaryFile() as output:
            run = execute(
                [self.program, "ingest", corpus.path, "--database", database, "--json"], self.environment, output)
            output.seek(0)
            return run, json.loads(output.read().splitlines()[-1])

    def rerun(self, corpus, database):
        """Ingests files that are all known."""
        run, summary = self.ingest(corpus, database)
        assert summary["known"] == len(corpus.files), f"{summary['known']} of {len(corpus.files)} files are known"
        return run

    def migrate(self, database):
        execute([self.program, "migrate", "--database", database], self.environment)

    def postgresql(self, corpus, count, keep=None):
        """`keep` is called with the database before it is dropped."""
        state = {}

        def prepare():
            state["name"] = server.create()
            self.migrate(server.url(state["name"]))

        def check():
            assert server.scalar(state["name"], "SELECT count(*) FROM slicehouse.slice") == count

        def clean():
            if keep:
                keep(state["name"])
            server.drop(state["name"])

        return Contender(
            "**slicehouse**", "slicehouse ingest DIR --database postgresql://…",
            lambda: self.ingest(corpus, server.url(state["name"]))[0], prepare, check, clean)

    def sqlite(self, corpus, path, count, keep=None):
        def prepare():
            remove_sqlite(path)
            self.migrate(f"sqlite:{path}")

        def check():
            with sqlite3.connect(path) as connection:
                assert connection.execute("SELECT count(*) FROM slice").fetchone()[0] == count

        def clean():
            if keep:
                keep(path)
            remove_sqlite(path)

        return Contender(
            "**slicehouse**", "slicehouse ingest DIR --database sqlite:FILE",
            lambda: self.ingest(corpus, f"sqlite:{path}")[0], prepare, check, clean)

