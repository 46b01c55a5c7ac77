"""`GET /v1/jobs/{id}/events`: a job followed by server-sent events (WHATWG HTML section 9.2).

`record` is a record, its id the results' cursor behind it; `progress` is the job, told where all that there
is has been sent; `end` is the job when it has ended. A client that comes back with the last id goes on behind
it, and gets 204, which ends its coming back, where that is `end`'s. A stream that breaks off without an `end`
is to be taken up again: the daemon stopped, or the job was deleted, which the next answer then says.

Records are read from the store by position, a part at a time: a slow reader costs a part's memory, and no
more of a drain than a moment.
"""

import asyncio
import json
from contextlib import suppress
from functools import partial
from typing import Final

from aiohttp import web

from service.api import cursor, examples, negotiation
from service.api.cursor import read_cursor, write_cursor
from service.api.inspections import send
from service.api.job_view import describe
from service.api.jobs import (
    CURSOR,
    ID,
    REFUSALS,
    find,
    require_jobs,
    store_failures,
)
from service.api.negotiation import negotiate
from service.api.operation import Answer, Media, Parameter, Refusal, operation
from service.api.problems import Kind, Problem
from service.api.query import SHOWN, Query
from service.api.shared import SHARED
from service.api.traffic import CutOff
from service.jobs.model import Job, Line
from service.jobs.runner import Runner
from service.jobs.store import JobGone
from service.jobs.watch import Over

EVENT_STREAM: Final = "text/event-stream"
END: Final = "end"
HEARTBEAT_S: Final = 15.0  # as section 9.2.7 advises, for proxies that close what is silent
GAP_S: Final = 0.2  # between two looks into the store: a hundred followers cost it a few per cent of a core
RETRY_MS: Final = 2_000  # after which a client comes back
TOGETHER, TOGETHER_BYTES = 100, 256 * 1024  # records in one part
EVENT: Final = {
    "type": "object",
    "description": "Of each event; `data` is JSON: a Record of a `record`, else the Job",
    "properties": {
        "event": {"enum": ["record", "progress", END]},
        "id": {"type": "string", "pattern": f"^(?:{END}|{cursor.PATTERN})$"},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
    "required": ["event", "data"],
}
EXAMPLE: Final = {"event": "record", "id": examples.CURSOR, "data": json.dumps(examples.RECORD)}


@operation(
    "GET",
    "/v1/jobs/{id}/events",
    id="job_events",
    tag="jobs",
    summary="Follow a job",
    parameters=[
        ID,
        CURSOR,
        Parameter(
            "Last-Event-ID",
            "header",
            "The id of the last event that came: the stream goes on behind it",
            {"type": "string", "pattern": f"^(?:{END}|{cursor.PATTERN})?$"},
            examples.CURSOR,
        ),
    ],
    answers=[
        Answer(
            200,
            "Events until the job ends",
            [Media(EVENT_STREAM, EVENT, EXAMPLE)],
            ["X-Accel-Buffering"],
        ),
        Answer(204, "The last event was the end: there is no more"),
    ],
    refusals=[
        Refusal(400, "expected Last-Event-ID to be the id of an event of this job, got 'x'"),
        Refusal(503, "as many clients follow jobs as may (1000); try again", Kind.BUSY, ["Retry-After"]),
        *negotiation.REFUSALS,
        *REFUSALS,
    ],
    has_head=False,
)
async def events(request: web.Request) -> web.StreamResponse:
    """Server-sent events. `record` is a record, its id the results' cursor behind it; `progress` is the job,
    told where all that there is has been sent; `end` is the job when it has ended. A stream that breaks off
    without an `end` is to be taken up again, with the last id as `Last-Event-ID`.
    """
    negotiate(request, (EVENT_STREAM,))
    shared = request.app[SHARED]
    runner = require_jobs(shared)
    job = await find(request)
    after = _read_position(request, job)
    if after is None:
        return web.Response(status=204)
    if len(runner.watch) >= shared.settings.job_listeners:
        detail = f"as many clients follow jobs as may ({shared.settings.job_listeners}); try again"
        raise Problem(503, detail, Kind.BUSY, headers={"Retry-After": "10"})
    with runner.watch.follow(job.number) as news:
        response = web.StreamResponse(headers={"Content-Type": EVENT_STREAM, "X-Accel-Buffering": "no"})
        await response.prepare(request)
        await send(response.write(b"retry: %d\n\n" % RETRY_MS))
        with suppress(CutOff, Over), store_failures():
            async with shared.traffic.until_cut(), runner.watch.until_over():
                await _follow(response, runner, job.id, news, after)
    return response  # whose end its connection writes: a reader that is behind may not take it for long


async def _follow(
    response: web.StreamResponse, runner: Runner, id_: str, news: asyncio.Event, after: int
) -> None:
    told: Job | None = None
    while True:
        news.clear()
        is_over = runner.watch.is_over  # before the look: what comes in between is seen
        job = await runner.store.find(id_)
        if job is None:
            raise JobGone
        while after < job.done and (lines := await runner.store.read(job, after, TOGETHER, TOGETHER_BYTES)):
            await send(response.write(b"".join(_record(job, line) for line in lines)))
            after = lines[-1].position
        if not job.is_open:
            await send(response.write(_event(END, job, END)))
            return
        if job != told:
            await send(response.write(_event("progress", job)))
            told = job
        if is_over:
            return
        await _wait(response, news)


async def _wait(response: web.StreamResponse, news: asyncio.Event) -> None:
    while not news.is_set():
        try:
            async with asyncio.timeout(HEARTBEAT_S):
                await news.wait()
        except TimeoutError:
            await send(response.write(b":\n\n"))
    await asyncio.sleep(GAP_S)


def _record(job: Job, line: Line) -> bytes:
    """JSON has no line end in it."""
    place = write_cursor(job.id, line.position).encode()
    return b"event: record\nid: %b\ndata: %b\n\n" % (place, line.line)


def _event(name: str, job: Job, id_: str | None = None) -> bytes:
    place = "" if id_ is None else f"id: {id_}\n"
    return f"event: {name}\n{place}data: ".encode() + describe(job) + b"\n\n"


def _read_position(request: web.Request, job: Job) -> int | None:
    """From `Last-Event-ID`, or `cursor` for a first request, which cannot have it in a browser. None is
    behind the end."""
    query = Query(request)
    after = query.read("cursor", partial(read_cursor, job.id), cursor.EXPECTED) or 0
    last = request.headers.get("Last-Event-ID")
    if last == END:
        return None
    if last:
        position = read_cursor(job.id, last)
        if position is None:
            expected = "expected Last-Event-ID to be the id of an event of this job"
            query.refuse(f"{expected}, got {last[:SHOWN]!r}", "header Last-Event-ID")
        else:
            after = position
    query.check()
    return after
