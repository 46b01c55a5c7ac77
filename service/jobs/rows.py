"""The tables of the SQLite store: how a job is a row, and where the rows of its records and chunks lie."""

import sqlite3
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from service.jobs.model import LEAST_PRIORITY, MOST_PRIORITY, Job, Webhook
from service.jobs.store import JobGone

# States that no user sees: a list that is being received, and what is being removed.
RECEIVING: Final = "receiving"
REMOVED: Final = "removed"
_COLUMNS: Final = (
    *("id", "number", "state", "total", "ok", "error", "created_at", "finished_at"),
    # As they are relied on, whatever a hand has put there: a fault of one job is not to be one of all.
    "CAST(options AS BLOB)",
    f"max({LEAST_PRIORITY}, min({MOST_PRIORITY}, CAST(priority AS INTEGER)))",
)
_WEBHOOK: Final = "url, outcome, attempts, due_at, status, failure"
VISIBLE: Final = "state NOT IN ('receiving', 'removed')"
_WIDTH: Final = len(_COLUMNS)
LOW: Final = (1 << 32) - 1

# A chunk's targets: an input, or an input and what is wrong with it.
encode_targets = msgspec.json.Encoder().encode
decode_targets = msgspec.json.Decoder(list[str | tuple[str, str]]).decode


def places(job: int) -> tuple[int, int]:
    """Of a job, the lowest and the highest."""
    return job << 32, job << 32 | LOW


def known(c: sqlite3.Connection, number: int) -> Job:
    """Raises JobGone."""
    if (job := find_job(c, "number = ?", (number,))) is None:
        raise JobGone
    return job


def find_job(c: sqlite3.Connection, where: str, values: Iterable[Any]) -> Job | None:
    found = select(c, where, values)
    return found[0] if found else None


def select(c: sqlite3.Connection, where: str, values: Iterable[Any]) -> list[Job]:
    """Where, and in which order; `webhooks.` is to be said of its columns, and nothing of those of jobs."""
    rows = c.execute(
        f"SELECT {', '.join(_COLUMNS)}, {_WEBHOOK} FROM jobs"  # noqa: S608 - our own words
        f" LEFT JOIN webhooks ON webhooks.job = jobs.number WHERE {where}",
        tuple(values),
    )
    return [_job(row) for row in rows]


def _job(row: tuple[Any, ...]) -> Job:
    webhook = None if row[_WIDTH] is None else Webhook(*row[_WIDTH:])
    values: list[Any] = [*row[:_WIDTH], webhook]
    return Job(*values)
