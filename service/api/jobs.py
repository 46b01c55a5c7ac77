"""`/v1/jobs`: lists, shows, cancels and deletes jobs. Submission and results are elsewhere."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Final

import msgspec
from aiohttp import web

from service.api import answers, cursor, examples
from service.api.cursor import read_cursor, write_cursor
from service.api.job_view import describe, tell
from service.api.negotiation import JSON
from service.api.operation import Answer, Media, Parameter, Refusal, operation, ref
from service.api.problems import Kind, Problem
from service.api.query import NUMBER_DIGITS, Query
from service.api.shared import SHARED, Shared
from service.jobs.model import STATES, Job, Selection, State
from service.jobs.runner import Runner
from service.jobs.store import JobGone, StoreFailed

PAGE: Final = 100  # jobs that are listed where no limit is given, and the most that are
RETRY_AFTER_S: Final = 5  # the store is tried every second

ID: Final = Parameter("id", "path", "The job's id", {"type": "string"}, examples.JOB_ID)
CURSOR: Final = Parameter(
    "cursor",
    "query",
    "Where the page begins: `next` of the page before",
    {"type": "string", "pattern": f"^{cursor.PATTERN}$"},
    examples.CURSOR,
)
TIME_EXPECTED: Final = "a time such as 2026-01-01T00:00:00Z"
TIME: Final = {"type": "string", "format": "date-time"}
KEEPS_NONE: Final = Refusal(501, "this daemon keeps no jobs: it was started without --data DIR", Kind.NO_JOBS)
STORE_FAILS: Final = Refusal(
    503, "the store of jobs: database or disk is full", Kind.STORE_FAILED, ["Retry-After"]
)
NOT_THERE: Final = Refusal(404, "there is no such job")
REFUSALS: Final = (NOT_THERE, KEEPS_NONE, STORE_FAILS)


def limit_parameter(at_most: int, default: int) -> Parameter:
    """How many a page may have."""
    schema = {"type": "integer", "minimum": 1, "maximum": 10**NUMBER_DIGITS - 1, "default": default}
    return Parameter("limit", "query", f"How many a page has; no more than {at_most:,} are given", schema, 50)


@operation(
    "GET",
    "/v1/jobs",
    id="list_jobs",
    tag="jobs",
    summary="List jobs",
    parameters=[
        Parameter("state", "query", "Only jobs in this state", {"enum": list(STATES)}, "running"),
        Parameter("created_after", "query", "Only jobs of that time or later", TIME, "2026-01-01T00:00:00Z"),
        Parameter("created_before", "query", "Only jobs of before that time", TIME, "2026-02-01T00:00:00Z"),
        limit_parameter(PAGE, PAGE),
        CURSOR,
    ],
    answers=[
        Answer(
            200,
            "A page of jobs",
            [Media(JSON, ref("Jobs"), {"jobs": [examples.JOB], "next": None})],
            ["Link"],
        )
    ],
    refusals=[
        Refusal(400, "expected limit to be a whole number, at least 1, got '0'"),
        KEEPS_NONE,
        STORE_FAILS,
    ],
)
async def list_jobs(request: web.Request) -> web.Response:
    """The newest first; `state`, `created_after` (from then on) and `created_before` select, `limit` and
    `cursor` page."""
    store = require_jobs(request.app[SHARED]).store
    query = Query(request)
    limit = min(query.read_count("limit") or PAGE, PAGE)
    wanted = Selection(
        query.read("state", _parse_state, f"one of {', '.join(STATES)}"),
        query.read("created_after", _parse_time, TIME_EXPECTED),
        query.read("created_before", _parse_time, TIME_EXPECTED),
    )
    before = query.read("cursor", partial(read_cursor, cursor.JOBS), cursor.EXPECTED)
    query.check()
    with store_failures():
        jobs = await store.jobs(wanted, before, limit + 1)
    after = write_cursor(cursor.JOBS, jobs[limit - 1].number) if len(jobs) > limit else None
    page = answers.Jobs([tell(job) for job in jobs[:limit]], after)
    return web.Response(
        body=msgspec.json.encode(page) + b"\n", content_type=JSON, headers=link(request, after)
    )


@operation(
    "GET",
    "/v1/jobs/{id}",
    id="show_job",
    tag="jobs",
    summary="Look at a job",
    parameters=[ID],
    answers=[Answer(200, "The job", [Media(JSON, ref("Job"), examples.JOB)])],
    refusals=REFUSALS,
)
async def show(request: web.Request) -> web.Response:
    """How far the job is."""
    return answer(await find(request), 200)


@operation(
    "POST",
    "/v1/jobs/{id}/cancel",
    id="cancel_job",
    tag="jobs",
    summary="End a job early",
    parameters=[ID],
    answers=[Answer(202, "The job, ended", [Media(JSON, ref("Job"), examples.CANCELLED)])],
    refusals=REFUSALS,
)
async def cancel(request: web.Request) -> web.Response:
    """What is done stays readable, the rest gets no record. A job that has ended stays as it is."""
    job = await find(request)
    with store_failures():
        return answer(await require_jobs(request.app[SHARED]).cancel(job), 202)


@operation(
    "DELETE",
    "/v1/jobs/{id}",
    id="delete_job",
    tag="jobs",
    summary="Delete a job",
    parameters=[ID],
    answers=[Answer(204, "It is gone")],
    refusals=[
        *REFUSALS,
        Refusal(409, "the job is running: cancel it first (POST /v1/jobs/…/cancel)", Kind.JOB_RUNNING),
    ],
)
async def delete(request: web.Request) -> web.Response:
    """The job and its records are gone. One that has not ended must be cancelled first."""
    job = await find(request)
    with store_failures():
        if not await require_jobs(request.app[SHARED]).store.delete(job):
            detail = f"the job is {job.state}: cancel it first (POST /v1/jobs/{job.id}/cancel)"
            raise Problem(409, detail, Kind.JOB_RUNNING)
    return web.Response(status=204)


async def find(request: web.Request) -> Job:
    """The job that the path names. Raises a 404 Problem."""
    with store_failures():
        job = await require_jobs(request.app[SHARED]).store.find(request.match_info["id"])
    if job is None:
        raise _no_job()
    return job


def require_jobs(shared: Shared) -> Runner:
    """Raises a 501 Problem (RFC 9110 section 15.6.2) where the daemon keeps none."""
    if shared.jobs is None:
        raise Problem(501, "this daemon keeps no jobs: it was started without --data DIR", Kind.NO_JOBS)
    return shared.jobs


@contextmanager
def store_failures() -> Iterator[None]:
    """A store that does not work now is a 503 Problem, a job that is deleted meanwhile a 404."""
    try:
        yield
    except JobGone as error:
        raise _no_job() from error
    except StoreFailed as error:
        headers = {"Retry-After": str(RETRY_AFTER_S)}
        raise Problem(503, f"the store of jobs: {error}", Kind.STORE_FAILED, headers=headers) from error


def _no_job() -> Problem:
    return Problem(404, "there is no such job")


def answer(job: Job, status: int, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(status=status, body=describe(job) + b"\n", content_type=JSON, headers=headers)


def link(request: web.Request, next_: str | None) -> dict[str, str]:
    """`Link: rel="next"` (RFC 8288) where there is more."""
    if next_ is None:
        return {}
    return {"Link": f'<{request.rel_url.update_query(cursor=next_)}>; rel="next"'}


def _parse_state(text: str) -> State | None:
    return next((state for state in STATES if state == text), None)


def _parse_time(text: str) -> float | None:
    """An RFC 3339 time, in seconds since the epoch."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if time.tzinfo is None or "T" not in text.upper() else time.timestamp()
