"""How a list comes into the SQLite store: functions within a caller's transaction."""

import sqlite3
from collections.abc import Sequence

from service.jobs.model import Job, Terms, cut
from service.jobs.rows import RECEIVING, encode_targets, find_job, known, places
from service.jobs.store import JobGone
from service.model import Target


def begin(
    c: sqlite3.Connection, id_: str, terms: Terms, key: str | None, oldest_key: float, now: float
) -> Job | None:
    if key is not None:
        c.execute("DELETE FROM keys WHERE created_at < ? AND digest IS NOT NULL", (oldest_key,))
        if c.execute("SELECT 1 FROM keys WHERE key = ?", (key,)).fetchone():
            return None
    cursor = c.execute(
        "INSERT INTO jobs (id, state, created_at, options, priority) VALUES (?, ?, ?, ?, ?)",
        (id_, RECEIVING, now, terms.options, terms.priority),
    )
    number = int(cursor.lastrowid or 0)
    _set_webhook(c, number, terms)
    if key is not None:
        c.execute("INSERT INTO keys VALUES (?, ?, NULL, ?)", (key, number, now))
    return known(c, number)


def find_key(c: sqlite3.Connection, key: str) -> tuple[Job | None, bytes | None]:
    row = c.execute("SELECT job, digest FROM keys WHERE key = ?", (key,)).fetchone()
    if row is None or row[1] is None:
        return None, None
    return find_job(c, "number = ?", (row[0],)), row[1]


def set_terms(c: sqlite3.Connection, job: int, terms: Terms) -> None:
    _check_receiving(c, job)
    c.execute(
        "UPDATE jobs SET options = ?, priority = ? WHERE number = ?", (terms.options, terms.priority, job)
    )
    _set_webhook(c, job, terms)


def _set_webhook(c: sqlite3.Connection, job: int, terms: Terms) -> None:
    if terms.webhook is not None:
        c.execute("INSERT INTO webhooks (job, url) VALUES (?, ?)", (job, terms.webhook))


def add(c: sqlite3.Connection, job: int, targets: Sequence[Target]) -> None:
    _check_receiving(c, job)
    (last,) = c.execute("SELECT max(place) FROM chunks WHERE place BETWEEN ? AND ?", places(job)).fetchone()
    place = (job << 32) if last is None else last + 1
    c.executemany(
        "INSERT INTO chunks (place, first_seq, targets, remaining) VALUES (?, ?, ?, ?)",
        [
            (place + n, part[0].seq, encode_targets([_pack(target) for target in part]), len(part))
            for n, part in enumerate(cut(list(targets)))
        ],
    )


def _pack(target: Target) -> str | tuple[str, str]:
    return target.input if target.fault is None else (target.input, target.fault)


def accept(c: sqlite3.Connection, job: int, total: int, digest: bytes) -> Job:
    _check_receiving(c, job)
    c.execute("UPDATE jobs SET state = 'queued', total = ? WHERE number = ?", (total, job))
    c.execute("UPDATE keys SET digest = ? WHERE job = ?", (digest, job))
    return known(c, job)


def _check_receiving(c: sqlite3.Connection, job: int) -> None:
    """The store may have been opened again while a list came: then what had come of it is gone."""
    if not c.execute("SELECT 1 FROM jobs WHERE number = ? AND state = ?", (job, RECEIVING)).fetchone():
        raise JobGone
