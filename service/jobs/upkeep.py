"""What the SQLite store does beside its users' calls: counts its jobs, and removes what was discarded."""

import sqlite3
from typing import Final

from service.jobs.model import STATES, State
from service.jobs.rows import REMOVED, places

PURGED_AT_ONCE: Final = 2_000  # records; some 20 ms


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
