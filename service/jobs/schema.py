"""The numbered schema of the SQLite store: `MIGRATIONS[n]` leads from version n to n + 1.

A job's number and a position or `seq` in it are one integer, `number << 32 | n`: then a job's records lie
together in the order of completion, each index has one integer a row, and both are cheap to add to.
"""

import sqlite3
from typing import Final

from service.jobs.fault import Fault
from service.jobs.store import StoreFailed

MIGRATIONS: Final = (
    """
    CREATE TABLE jobs (
        number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, state TEXT NOT NULL,
        total INTEGER NOT NULL DEFAULT 0, ok INTEGER NOT NULL DEFAULT 0, error INTEGER NOT NULL DEFAULT 0,
        created_at REAL NOT NULL, finished_at REAL, options BLOB NOT NULL
    );
    CREATE TABLE chunks (
        place INTEGER PRIMARY KEY, first_seq INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'waiting',
        owner TEXT, targets BLOB NOT NULL, remaining INTEGER NOT NULL
    );
    CREATE INDEX waiting_chunks ON chunks (place) WHERE state = 'waiting';
    CREATE INDEX leased_chunks ON chunks (owner) WHERE state = 'leased';
    CREATE TABLE records (place INTEGER PRIMARY KEY, seq INTEGER NOT NULL UNIQUE, line BLOB NOT NULL);
    CREATE TABLE keys (key TEXT PRIMARY KEY, job INTEGER NOT NULL, digest BLOB, created_at REAL NOT NULL);
    """,
    """
    ALTER TABLE jobs ADD COLUMN priority INTEGER NOT NULL DEFAULT 5;
    CREATE INDEX jobs_by_state ON jobs (state, finished_at);
    """,
    """
    CREATE TABLE webhooks (
        job INTEGER PRIMARY KEY, url TEXT NOT NULL, outcome TEXT NOT NULL DEFAULT 'waiting',
        attempts INTEGER NOT NULL DEFAULT 0, due_at REAL, status INTEGER, failure TEXT
    );
    CREATE INDEX due_webhooks ON webhooks (due_at) WHERE due_at IS NOT NULL;
    """,
)


def read_version(connection: sqlite3.Connection) -> int:
    """0 is that of a database in which nothing is. Raises StoreFailed for one that a newer version wrote."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        detail = f"expected schema {len(MIGRATIONS)} or older, got {version}: a newer masthead wrote it"
        raise StoreFailed(Fault("newer", detail))
    return int(version)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring a database up to this version. Raises StoreFailed for one that a newer version wrote."""
    version = read_version(connection)
    for number, script in enumerate(MIGRATIONS[version:], version + 1):
        connection.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {number}; COMMIT;")
