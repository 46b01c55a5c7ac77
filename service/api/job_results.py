"""`GET /v1/jobs/{id}/results`: records in the order of completion, in pages or all there is.

A cursor is of the position behind which a page begins, so what comes later never moves what was read.

A stop waits no longer for one that reads all there is than for one that reads events. Such a stream is cut
before its last chunk, so that nobody takes a part for the whole (RFC 9112 section 8).
"""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Final

from aiohttp import web

from service.api import cursor, examples, jobs, negotiation
from service.api.cursor import read_cursor, write_cursor
from service.api.inspections import send
from service.api.jobs import find, link, require_jobs, store_failures
from service.api.memory import ACCOUNT
from service.api.negotiation import JSON, NDJSON, negotiate
from service.api.operation import RECORD_LINES, Answer, Media, Refusal, operation, ref
from service.api.query import Query
from service.api.shared import SHARED
from service.api.traffic import CutOff
from service.jobs.model import Job, Line
from service.jobs.store import Store
from service.jobs.watch import Over
from service.output.csv import CSV
from workers.counted import NO_FINDINGS
from workers.model import Verdict

CSV_TYPE: Final = "text/csv"
ROWS: Final = {"type": "string", "description": "A record a row, its main columns (RFC 4180), header first"}
PAGE: Final = 100  # records of a page where no limit is given
PAGE_LIMIT: Final = 1_000
# A page or a part of a stream is in memory: one record can have a mebibyte, most have a few kibibytes.
PAGE_LIMIT_BYTES: Final = 8 * 1024 * 1024
TOGETHER, TOGETHER_BYTES = 200, 1024 * 1024


@operation(
    "GET",
    "/v1/jobs/{id}/results",
    id="job_results",
    tag="jobs",
    summary="Read a job's records",
    parameters=[jobs.ID, jobs.CURSOR, jobs.limit_parameter(PAGE_LIMIT, PAGE)],
    answers=[
        Answer(
            200,
            "Records",
            [
                Media(JSON, ref("Results"), {"results": [examples.RECORD], "next": examples.CURSOR}),
                Media(NDJSON, RECORD_LINES, examples.LINES),
                Media(CSV_TYPE, ROWS, examples.CSV),
            ],
            ["Link"],
        )
    ],
    refusals=[
        Refusal(400, f"expected cursor to be {cursor.EXPECTED}, got 'x'"),
        *negotiation.REFUSALS,
        *jobs.REFUSALS,
    ],
)
async def results(request: web.Request) -> web.StreamResponse:
    """Records in the order in which they were done, while the job goes on too.

    A page in JSON; in NDJSON and CSV a page where a `limit` is given, else all there is.
    """
    wanted = negotiate(request, (JSON, NDJSON, CSV_TYPE))
    job = await find(request)
    store = require_jobs(request.app[SHARED]).store
    query = Query(request)
    after = query.read("cursor", partial(read_cursor, job.id), cursor.EXPECTED) or 0
    limit = query.read_count("limit")
    query.check()
    if wanted != JSON and limit is None:
        return await _stream(request, job, wanted, after)
    count = min(limit or PAGE, PAGE_LIMIT)
    with store_failures():
        lines = await store.read(job, after, count, PAGE_LIMIT_BYTES)
        job = await find(request)
    # A job that runs will have more: its last page's cursor is where to ask again.
    end = lines[-1].position if lines else after
    following = write_cursor(job.id, end) if job.is_open or (lines and end < job.done) else None
    if wanted == JSON:
        more = f'"{following}"' if following is not None else "null"
        body = b'{"results": [' + b",\n".join(line.line for line in lines) + f'], "next": {more}}}\n'.encode()
    else:
        begin = CSV.begin if wanted == CSV_TYPE and not after else b""
        body = begin + await _write(lines, wanted)
    return web.Response(body=body, content_type=wanted, headers=link(request, following))


async def _stream(request: web.Request, job: Job, wanted: str, after: int) -> web.StreamResponse:
    shared, account = request.app[SHARED], request[ACCOUNT]
    runner = require_jobs(shared)
    with store_failures():
        first = await runner.store.read(job, after, TOGETHER, TOGETHER_BYTES)
    response = web.StreamResponse(headers={"Content-Type": wanted})
    await response.prepare(request)
    if wanted == CSV_TYPE and not after:
        await send(response.write(CSV.begin))
    try:
        async with shared.traffic.until_cut(), runner.watch.until_over():
            with store_failures():
                async for lines in _read_on(runner.store, job, first):
                    part = await _write(lines, wanted)
                    account.take(len(part))
                    await send(response.write(part))
                    account.give(len(part))
    except Over as error:
        raise CutOff from error
    return response


async def _read_on(store: Store, job: Job, lines: list[Line]) -> AsyncIterator[list[Line]]:
    while lines:
        yield lines
        lines = await store.read(job, lines[-1].position, TOGETHER, TOGETHER_BYTES)


async def _write(lines: list[Line], wanted: str) -> bytes:
    if wanted == NDJSON:
        return b"".join(line.line + b"\n" for line in lines)
    return await asyncio.to_thread(_write_csv, lines)


def _write_csv(lines: list[Line]) -> bytes:
    """A row is read off its record, which takes some 20 µs: not for the event loop."""
    verdicts = [Verdict(line.seq, line.line, None, None, None, NO_FINDINGS, 0, 0) for line in lines]
    return b"".join(map(CSV.write, verdicts))
