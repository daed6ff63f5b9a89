"""The throwaway PostgreSQL server: one fresh database for each run of each contender."""

import itertools
import os
from urllib.parse import parse_qs, urlsplit

import psycopg

URL = os.environ.get("SLICEHOUSE_TEST_POSTGRESQL", "")
SETTINGS = (
    "server_version", "fsync", "synchronous_commit", "full_page_writes", "wal_level", "wal_compression",
    "shared_buffers", "max_wal_size", "checkpoint_timeout", "wal_buffers", "max_connections",
)
_numbers = itertools.count(1)


def url(database):
    return urlsplit(URL)._replace(path="/" + database).geturl()


def socket_folder():
    return parse_qs(urlsplit(URL).query)["host"][0]


def create():
    """A new database without anything in it, after a checkpoint, so that no run pays for the one before."""
    name = f"bench_{next(_numbers)}"
    with psycopg.connect(URL, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        connection.execute("CHECKPOINT")
    return name


def drop(name):
    with psycopg.connect(URL, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def scalar(database, query):
    with psycopg.connect(url(database)) as connection:
        return connection.execute(query).fetchone()[0]


def settings():
    with psycopg.connect(URL) as connection:
        return {name: connection.execute(f"SHOW {name}").fetchone()[0] for name in SETTINGS}
