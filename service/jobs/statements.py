"""What the SQLite store does to its tables: functions within a caller's transaction."""

import sqlite3
from collections.abc import Sequence

from service.jobs.model import Chunk, Job, Line, Selection, Webhook, Written
from service.jobs.rows import (
    IS_ENDED,
    LOW,
    RECEIVING,
    REMOVED,
    VISIBLE,
    decode_targets,
    find_job,
    known,
    places,
    select,
)
from service.jobs.store import JobGone
from service.model import Target


def find(c: sqlite3.Connection, id_: str) -> Job | None:
    return find_job(c, f"id = ? AND {VISIBLE}", (id_,))


def list_jobs(c: sqlite3.Connection, wanted: Selection, before: int | None, limit: int) -> list[Job]:
    conditions = {
        "state = ?": wanted.state,
        "created_at >= ?": wanted.created_after,
        "created_at < ?": wanted.created_before,
        "number < ?": before,
    }
    given = {condition: value for condition, value in conditions.items() if value is not None}
    where = " AND ".join([VISIBLE, *given])
    return select(c, f"{where} ORDER BY number DESC LIMIT ?", (*given.values(), limit))


def open_jobs(c: sqlite3.Connection) -> list[Job]:
    return select(c, "state IN ('queued', 'running') ORDER BY number", ())


def ended_first(c: sqlite3.Connection) -> Job | None:
    where = f"state IN ('done', 'cancelled') AND {IS_ENDED} ORDER BY finished_at LIMIT 1"
    return find_job(c, where, ())


def lease(c: sqlite3.Connection, job: int, owner: str) -> tuple[Chunk | None, bool]:
    """The chunk, and whether it is the first that a queued job has."""
    is_open = c.execute(
        "SELECT state FROM jobs WHERE number = ? AND state IN ('queued', 'running')", (job,)
    ).fetchone()
    row = (
        is_open
        and c.execute(
            "SELECT place, first_seq, targets FROM chunks INDEXED BY waiting_chunks"
            " WHERE state = 'waiting' AND place BETWEEN ? AND ? ORDER BY place LIMIT 1",
            places(job),
        ).fetchone()
    )
    if not row:
        return None, False
    place, first, packed = row
    c.execute("UPDATE chunks SET state = 'leased', owner = ? WHERE place = ?", (owner, place))
    c.execute("UPDATE jobs SET state = 'running' WHERE number = ?", (job,))
    entries = decode_targets(packed)
    begin_, end = job << 32 | first, job << 32 | (first + len(entries) - 1)
    rows = c.execute("SELECT seq FROM records WHERE seq BETWEEN ? AND ?", (begin_, end))
    have = {seq & LOW for (seq,) in rows}
    targets = [_unpack(seq, entry) for seq, entry in enumerate(entries, first) if seq not in have]
    return Chunk(job, place & LOW, targets), is_open[0] == "queued"


def _unpack(seq: int, entry: str | tuple[str, str]) -> Target:
    return Target(seq, entry) if isinstance(entry, str) else Target(seq, *entry)


def write(c: sqlite3.Connection, records: Sequence[Written], owner: str, now: float) -> tuple[int, set[int]]:
    """How many were new, and which jobs have ended by them."""
    by_chunk: dict[tuple[int, int], list[Written]] = {}
    for record in records:
        by_chunk.setdefault((record.job, record.chunk), []).append(record)
    written, ended = 0, set[int]()
    for (job, chunk), mine in by_chunk.items():
        row = c.execute(
            "SELECT (SELECT max(place) FROM records WHERE place BETWEEN ? AND ?) FROM jobs, chunks"
            " WHERE jobs.number = ? AND jobs.state = 'running'"
            " AND chunks.place = ? AND chunks.state = 'leased' AND chunks.owner = ?",
            (*places(job), job, job << 32 | chunk, owner),
        ).fetchone()
        if row is None:  # cancelled, or the lease is another's now
            continue
        new = _insert(c, job, (row[0] or 0) & LOW, mine)
        errors = sum(record.is_error for record in new)
        c.execute(
            "UPDATE jobs SET ok = ok + ?, error = error + ? WHERE number = ?",
            (len(new) - errors, errors, job),
        )
        c.execute(
            "UPDATE chunks SET remaining = remaining - ?1,"
            " state = CASE WHEN remaining = ?1 THEN 'done' ELSE state END WHERE place = ?2",
            (len(new), job << 32 | chunk),
        )
        done = c.execute(
            # Whatever the clock says.
            "UPDATE jobs SET state = 'done', finished_at = max(?, CAST(created_at AS REAL))"
            " WHERE number = ? AND ok + error = total",
            (now, job),
        )
        written += len(new)
        if done.rowcount:
            make_due(c, job, now)
            ended.add(job)
    return written, ended


def _insert(c: sqlite3.Connection, job: int, done: int, records: Sequence[Written]) -> list[Written]:
    rows = [
        (job << 32 | done + n, job << 32 | record.seq, record.line) for n, record in enumerate(records, 1)
    ]
    statement = "INSERT INTO records VALUES (?, ?, ?) ON CONFLICT (seq) DO NOTHING"
    if c.executemany(statement, rows).rowcount == len(rows):
        return list(records)
    kept = c.execute(
        "SELECT place FROM records WHERE place BETWEEN ? AND ?", (rows[0][0], rows[-1][0])
    ).fetchall()
    places = {place for (place,) in kept}
    new = [record for row, record in zip(rows, records, strict=True) if row[0] in places]
    # A position is a count: what was there already leaves no gap.
    for n, (place,) in enumerate(sorted(kept), 1):
        c.execute("UPDATE records SET place = ? WHERE place = ?", (job << 32 | done + n, place))
    return new


def give_back(c: sqlite3.Connection, job: int, chunk: int, owner: str) -> None:
    c.execute(
        "UPDATE chunks SET state = 'waiting', owner = NULL"
        " WHERE place = ? AND state = 'leased' AND owner = ?",
        (job << 32 | chunk, owner),
    )


def void_leases(c: sqlite3.Connection) -> None:
    """What a former owner leased is to be done again, and what it was receiving is nothing."""
    c.execute("UPDATE chunks SET state = 'waiting', owner = NULL WHERE state = 'leased'")
    c.execute("DELETE FROM keys WHERE digest IS NULL")
    c.execute("UPDATE jobs SET state = ? WHERE state = ?", (REMOVED, RECEIVING))


def skip_numbers(c: sqlite3.Connection, last: int) -> None:
    """No new job gets a number up to `last`."""
    done = c.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'jobs'", (last,))
    if not done.rowcount:
        c.execute("INSERT INTO sqlite_sequence VALUES ('jobs', ?)", (last,))


def read(c: sqlite3.Connection, job: int, after: int, limit: int, limit_bytes: int) -> list[Line]:
    low, high = places(job)
    # A job whose removal has begun has a part of its records only: one statement sees both or neither.
    rows = c.execute(
        "SELECT place, seq, line FROM records WHERE place > ?1 AND place <= ?2"
        " AND EXISTS (SELECT 1 FROM jobs WHERE number = ?3 AND state <> 'removed') ORDER BY place LIMIT ?4",
        (low | after, high, job, limit),
    )
    lines, size_bytes = list[Line](), 0
    for place, seq, line in rows:
        lines.append(Line(place & LOW, seq & LOW, line))
        size_bytes += len(line)
        if size_bytes >= limit_bytes:
            break
    rows.close()
    if not lines and not select(c, f"number = ? AND {VISIBLE}", (job,)):
        raise JobGone
    return lines


def cancel(c: sqlite3.Connection, job: int, now: float) -> Job:
    done = c.execute(
        "UPDATE jobs SET state = 'cancelled', finished_at = max(?, CAST(created_at AS REAL))"
        " WHERE number = ? AND state IN ('queued', 'running')",
        (now, job),
    )
    if done.rowcount:
        make_due(c, job, now)
    return known(c, job)


def delete(c: sqlite3.Connection, job: int) -> bool:
    ended = c.execute(
        "SELECT 1 FROM jobs WHERE number = ? AND state NOT IN ('queued', 'running', 'receiving', 'removed')",
        (job,),
    ).fetchone()
    if ended:
        discard(c, job)
    return bool(ended)


def discard(c: sqlite3.Connection, job: int) -> None:
    """Out of sight at once; `purge` does the rest."""
    c.execute("UPDATE jobs SET state = ? WHERE number = ?", (REMOVED, job))
    c.execute("DELETE FROM keys WHERE job = ?", (job,))
    c.execute("DELETE FROM webhooks WHERE job = ?", (job,))


def make_due(c: sqlite3.Connection, job: int, now: float) -> None:
    """Its webhook, if it has one: the job has ended."""
    c.execute("UPDATE webhooks SET due_at = ? WHERE job = ?", (now, job))


def list_webhooks(c: sqlite3.Connection, limit: int) -> list[Job]:
    return select(c, "webhooks.due_at IS NOT NULL ORDER BY webhooks.due_at LIMIT ?", (limit,))


def settle_webhook(c: sqlite3.Connection, job: int, webhook: Webhook) -> None:
    c.execute(
        "UPDATE webhooks SET outcome = ?, attempts = ?, due_at = ?, status = ?, failure = ? WHERE job = ?",
        (webhook.outcome, webhook.attempts, webhook.due_at, webhook.status, webhook.failure, job),
    )
