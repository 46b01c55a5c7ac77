"""The tables of the SQLite store: how a job is a row, and where the rows of its records and chunks lie.

A row is read as it is relied on, whatever a hand has put there (SQLite keeps any type in any column): what is
wrong with one job is not to hide the others, nor to stop what is done to them.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from service.jobs.model import LEAST_PRIORITY, MOST_PRIORITY, STATES, Job, Webhook
from service.jobs.store import JobGone

# States that no user sees: a list that is being received, and what is being removed.
RECEIVING: Final = "receiving"
REMOVED: Final = "removed"
IS_ENDED: Final = "typeof(finished_at) IN ('real', 'integer')"
_LATEST: Final = 253_402_300_799  # the last second whose year has four digits (RFC 3339 section 1)
_COUNT: Final = "max(0, CAST({0} AS INTEGER))"
_TIME: Final = f"max(0, min({_LATEST}, CAST({{0}} AS REAL)))"
_ONE_OF: Final = "CASE WHEN {0} IN {1} THEN {0} ELSE '{2}' END"
_COLUMNS: Final = {
    "id": "CAST(id AS TEXT)",
    "number": "number",
    # One in no state that there is stands still: nothing of it is leased, and it can be deleted.
    "state": _ONE_OF.format("state", (*STATES, RECEIVING, REMOVED), "cancelled"),
    "total": _COUNT.format("total"),
    "ok": _COUNT.format("ok"),
    "error": _COUNT.format("error"),
    "created_at": _TIME.format("created_at"),
    "finished_at": f"CASE WHEN {IS_ENDED} THEN {_TIME.format('finished_at')} END",
    "options": "CAST(options AS BLOB)",
    "priority": f"max({LEAST_PRIORITY}, min({MOST_PRIORITY}, CAST(priority AS INTEGER)))",
}
_WEBHOOK: Final = {
    "url": "CAST(url AS TEXT)",
    "outcome": _ONE_OF.format("outcome", ("waiting", "delivered", "failed"), "failed"),
    "attempts": _COUNT.format("attempts"),
    "due_at": _TIME.format("due_at"),
    "status": "CAST(status AS INTEGER)",
    "failure": "CAST(failure AS TEXT)",
}
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
        f"SELECT {', '.join((*_COLUMNS.values(), *_WEBHOOK.values()))} FROM jobs"  # noqa: S608 - our own words
        f" LEFT JOIN webhooks ON webhooks.job = jobs.number WHERE {where}",
        tuple(values),
    )
    return [_job(row) for row in rows]


def find_damaged(c: sqlite3.Connection) -> Iterator[tuple[str, list[str]]]:
    """The ids of jobs whose rows are not as they are read, and in which columns. What their options say is
    not for here to know."""
    read = {name: how for name, how in _COLUMNS.items() if name != "options"}
    differing = [f"{how} IS NOT {name}" for name, how in read.items()]
    rows = c.execute(
        f"SELECT CAST(id AS TEXT), {', '.join(differing)} FROM jobs"  # noqa: S608 - our own words
        f" WHERE {VISIBLE} AND ({' OR '.join(differing)})"
    )
    for id_, *differs in rows:
        yield id_, [name for name, each in zip(read, differs, strict=True) if each]


def _job(row: tuple[Any, ...]) -> Job:
    webhook = None if row[_WIDTH] is None else Webhook(*row[_WIDTH:])
    values: list[Any] = [*row[:_WIDTH], webhook]
    return Job(*values)
