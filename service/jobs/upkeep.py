"""What the SQLite store does beside its users' calls: counts its jobs, removes what was discarded, and gives
the space of that back to the disk.

Pages that are free stay in the file, for rows to come, unless it is vacuumed. Incremental vacuum moves the
file's last pages into free ones and cuts it off behind them, so many at a time; a full one would write all
anew, and hold up every write meanwhile.
"""

import sqlite3
from contextlib import suppress
from typing import Final

from service.jobs.model import STATES, State
from service.jobs.rows import REMOVED, find_damaged, places
from service.telemetry.logs import log

PURGED_AT_ONCE: Final = 2_000  # records; some 20 ms
# Records of 3 KB, as judged ones are, waste a third of SQLite's own 4 KiB: 20 µs of CPU each, and 13 here.
PAGE_BYTES: Final = 32_768
PAGES_AT_ONCE: Final = 128  # given back; 4 MiB
WAL_LIMIT_BYTES: Final = 64 * 1024 * 1024  # that a checkpoint leaves of the log, which a long read lets grow
INCREMENTAL: Final = 2  # of `auto_vacuum`


def prepare(c: sqlite3.Connection) -> None:
    """Before all else on a connection that writes."""
    c.execute(f"PRAGMA journal_size_limit = {WAL_LIMIT_BYTES}")
    (mode,) = c.execute("PRAGMA auto_vacuum").fetchone()
    if mode == INCREMENTAL:
        return
    c.execute(f"PRAGMA page_size = {PAGE_BYTES}")
    c.execute("PRAGMA auto_vacuum = INCREMENTAL")
    (version,) = c.execute("PRAGMA user_version").fetchone()
    if version:  # a database that was made without: it takes effect by one full vacuum
        log.info("vacuuming the jobs' database, once")
        with suppress(sqlite3.OperationalError):  # the disk is full, say: its free pages are used again, then
            c.execute("VACUUM")


def tell_damage(c: sqlite3.Connection) -> None:
    """In the log, of jobs whose rows are not as they are read: a hand has been there."""
    for id_, columns in find_damaged(c):
        log.error("job damaged", job=id_, fault=f"what is kept of it cannot be so: {', '.join(columns)}")


def write_something(c: sqlite3.Connection) -> None:
    """Of which nothing stays. A new table has pages to be allocated and written, which a full or read-only
    disk refuses."""
    c.execute("CREATE TABLE probe (filler BLOB)")
    c.execute("INSERT INTO probe VALUES (zeroblob(65536))")
    c.execute("DROP TABLE probe")


def shrink(c: sqlite3.Connection) -> bool:
    """Give some free pages back to the disk; whether there are more."""
    (free,) = c.execute("PRAGMA freelist_count").fetchone()
    (mode,) = c.execute("PRAGMA auto_vacuum").fetchone()
    if not free or mode != INCREMENTAL:
        return False
    # Each step of the statement gives a page back, and `sqlite3` takes one step of what has no columns.
    for _ in range(min(free, PAGES_AT_ONCE)):
        c.execute("PRAGMA incremental_vacuum")
    return bool(free > PAGES_AT_ONCE)


def measure(c: sqlite3.Connection) -> int:
    """The bytes of the pages that are in use."""
    pages, free, size = (
        c.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def purge(c: sqlite3.Connection) -> bool:
    """Remove a slice of what was discarded; whether anything is left of it."""
    row = c.execute("SELECT number FROM jobs WHERE state = ? LIMIT 1", (REMOVED,)).fetchone()
    if row is None:
        return False
    for table, limit in (("records", PURGED_AT_ONCE), ("chunks", PURGED_AT_ONCE // 20)):
        gone = c.execute(
            f"DELETE FROM {table} WHERE place IN"  # noqa: S608 - our own two names
            f" (SELECT place FROM {table} WHERE place BETWEEN ? AND ? LIMIT ?)",
            (*places(row[0]), limit),
        )
        if gone.rowcount:
            return True
    c.execute("DELETE FROM jobs WHERE number = ?", row)
    return True


def count(c: sqlite3.Connection) -> tuple[dict[State, int], int]:
    """The jobs in each state, and the URLs that have no record yet."""
    found = dict(c.execute("SELECT state, count(*) FROM jobs GROUP BY state").fetchall())
    (waiting,) = c.execute(
        "SELECT coalesce(sum(total - ok - error), 0) FROM jobs WHERE state IN ('queued', 'running')"
    ).fetchone()
    return {state: found.get(state, 0) for state in STATES}, waiting
