"""`POST /v1/jobs`: a long list, streamed in, and taken on once it is on the disk.

The list goes to the store as it comes; a job is accepted by the transaction that ends it, and the 202 comes
behind that. What breaks off before leaves nothing. `Idempotency-Key` is as in
draft-ietf-httpapi-idempotency-key-header-07: the same key and body give the first job, another body 422,
and a key whose first request is under way 409.
"""

import hashlib
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from aiohttp import web

from service.api import examples, readiness, traffic
from service.api.body import check_media_type, read_pieces
from service.api.inspection_request import apply_options, invalid
from service.api.inspections import TEXT
from service.api.job_body import JobReader, NdjsonReader, TextReader
from service.api.job_json import JsonReader
from service.api.jobs import KEEPS_NONE, STORE_FAILS, answer, require_jobs, store_failures
from service.api.memory import ACCOUNT, Account
from service.api.negotiation import JSON, NDJSON
from service.api.operation import URL_LINES, Answer, Media, Parameter, Refusal, operation, ref
from service.api.problems import Fault, Kind, Problem
from service.api.readiness import require_ready
from service.api.request_model import JobOptions
from service.api.shared import SHARED, Shared
from service.jobs.model import CHUNK_URLS, Job, Terms
from service.jobs.options import write_options
from service.jobs.runner import Runner
from service.jobs.store import JobGone, StoreFailed
from service.model import Target

JSON_LINES: Final = {
    "type": "string",
    "description": 'A string or `{"url": …}` a line; the first may be `{"options": …}`, which are JobOptions',
}
KEY: Final = re.compile(r'"?[\x21\x23-\x7e]{1,255}"?')
KEY_KEPT_S: Final = 24 * 3_600  # as Stripe keeps them
ADDED_BYTES: Final = 1 << 20  # of longer URLs fewer
ADDED_TOGETHER: Final = 32 * CHUNK_URLS  # targets in one transaction of the store: a sync for some 4,000


@operation(
    "POST",
    "/v1/jobs",
    id="submit_job",
    tag="jobs",
    summary="Hand over a long list",
    parameters=[
        Parameter(
            "Idempotency-Key",
            "header",
            "Makes a repeat safe: for 24 hours the same key and body give the first job",
            {"type": "string", "pattern": f"^{KEY.pattern}$"},
            "4f2c8f0e-list-of-monday",
        )
    ],
    body=[
        Media(JSON, ref("JobRequest"), examples.REQUEST),
        Media(TEXT, URL_LINES, examples.LIST),
        Media(NDJSON, JSON_LINES, examples.LIST_LINES),
    ],
    answers=[
        Answer(
            202,
            "The job; its list is on the disk",
            [Media(JSON, ref("Job"), examples.ACCEPTED)],
            ["Location"],
            links=["show_job", "job_results", "job_events", "cancel_job", "delete_job"],
        )
    ],
    refusals=[
        Refusal(400, "expected one Idempotency-Key of 1 to 255 visible ASCII characters"),
        Refusal(
            409, "the first request with this Idempotency-Key is under way", Kind.KEY_IN_USE, ["Retry-After"]
        ),
        Refusal(413, "expected at most 5000000 URLs in one job", Kind.TOO_MANY_URLS),
        Refusal(422, "1 fault in the request", Kind.INVALID_REQUEST),
        Refusal(422, "this Idempotency-Key is that of a request with another body", Kind.KEY_REUSED),
        KEEPS_NONE,
        STORE_FAILS,
        *readiness.REFUSALS,
        *traffic.REFUSALS,
    ],
)
async def submit(request: web.Request) -> web.Response:
    """The list may be gzipped, told by Content-Encoding or not, and as long as the daemon takes: it is not
    held in memory. It survives a crash of the daemon once it is answered, and ends with one record for each
    URL.

    As text it is a URL a line. In NDJSON each line is a string or `{"url": …}`, and the first may be
    `{"options": {…}}`.
    """
    shared = request.app[SHARED]
    runner = require_jobs(shared)
    media_type = check_media_type(request, (JSON, TEXT, NDJSON))
    key = _read_key(request)
    shared.traffic.refuse_if_draining()
    require_ready(shared)
    with store_failures(), _reopenings():
        async with shared.traffic.until_cut():
            _require_room(runner, shared.settings.jobs_open)
            job = await _take_in(request, shared, runner, key, media_type)
    return answer(job, 202, {"Location": f"/v1/jobs/{job.id}"})


@contextmanager
def _reopenings() -> Iterator[None]:
    try:
        yield
    except JobGone as error:
        detail = "the store of jobs failed while the list came, and works again: send it again"
        raise Problem(503, detail, Kind.STORE_FAILED, headers={"Retry-After": "1"}) from error


def _require_room(runner: Runner, limit: int) -> None:
    if sum(runner.store.states[state] for state in ("queued", "running")) >= limit:
        detail = f"as many jobs are open as may be ({limit}); try again"
        raise Problem(503, detail, Kind.BUSY, headers={"Retry-After": "60"})


async def _take_in(
    request: web.Request, shared: Shared, runner: Runner, key: str | None, media_type: str
) -> Job:
    store = runner.store
    terms = Terms(write_options(shared.options))
    oldest = time.time() - KEY_KEPT_S
    job = await store.begin(secrets.token_hex(12), terms, key, oldest)
    if job is None:
        return await _repeat(request, shared, runner, str(key), media_type)
    try:
        reader = _reader(shared, media_type)
        adding = _Adding(runner, job, request[ACCOUNT])
        digest = await _receive(request, shared, media_type, reader, adding)
        _require_room(runner, shared.settings.jobs_open)  # others were accepted while this one came
        if reader.options is not None:
            await store.set_terms(job, _terms(reader.options, shared))
        accepted = await store.accept(job, reader.count, digest)
    except BaseException:
        with suppress(StoreFailed):  # then it goes when it is opened next
            await store.abandon(job)
        raise
    runner.start(accepted)
    return accepted


async def _repeat(request: web.Request, shared: Shared, runner: Runner, key: str, media_type: str) -> Job:
    """A request with a key that is known: its body is read, and compared."""
    job, digest = await runner.store.find_key(key)
    if job is None:
        detail = "the first request with this Idempotency-Key is under way; try again"
        raise Problem(409, detail, Kind.KEY_IN_USE, headers={"Retry-After": "1"})
    if await _receive(request, shared, media_type, None, None) != digest:
        detail = "this Idempotency-Key is that of a request with another body"
        raise Problem(422, detail, Kind.KEY_REUSED)
    return job


def _terms(asked: JobOptions, shared: Shared) -> Terms:
    return Terms(write_options(apply_options(asked, shared.options)), asked.priority, asked.webhook)


class _Adding:
    """Hands targets over to the store, many at a time. What waits is on the request's account."""

    def __init__(self, runner: Runner, job: Job, account: Account) -> None:
        self._store, self._job = runner.store, job
        self._account = account
        self._waiting: list[Target] = []
        self._waiting_bytes = 0

    async def add(self, targets: list[Target]) -> None:
        self._waiting += targets
        self._count(self._waiting_bytes + _size(targets))
        is_much = self._waiting_bytes >= ADDED_BYTES and len(self._waiting) >= CHUNK_URLS
        if is_much or len(self._waiting) >= ADDED_TOGETHER:
            whole = len(self._waiting) // CHUNK_URLS * CHUNK_URLS
            await self._store.add(self._job, self._waiting[:whole])
            del self._waiting[:whole]
            self._count(_size(self._waiting))

    async def end(self) -> None:
        if self._waiting:
            await self._store.add(self._job, self._waiting)

    def _count(self, size_bytes: int) -> None:
        self._account.take(size_bytes - self._waiting_bytes)
        self._waiting_bytes = size_bytes


def _size(targets: list[Target]) -> int:
    return sum(len(target.input) for target in targets)


async def _receive(
    request: web.Request, shared: Shared, media_type: str, reader: JobReader | None, adding: _Adding | None
) -> bytes:
    """Read the whole body; returns what tells it from others. Without a reader that is all."""
    settings = shared.settings
    digest = hashlib.sha256(media_type.encode() + b"\n")
    async for piece in read_pieces(request, settings.job_limit, settings.request_rate):
        digest.update(piece)
        if reader is not None and adding is not None:
            await adding.add(reader.feed(piece))
            _check_count(reader.count, settings.job_urls)
    if reader is not None and adding is not None:
        await adding.add(reader.end())
        _check_count(reader.count, settings.job_urls)
        if not reader.count:
            raise invalid([Fault("expected at least 1 URL, got none", location="body")])
        await adding.end()
    return digest.digest()


def _reader(shared: Shared, media_type: str) -> JobReader:
    if media_type == JSON:
        return JsonReader(shared.settings)
    return TextReader() if media_type == TEXT else NdjsonReader(shared.settings)


def _check_count(count: int, limit: int) -> None:
    if count > limit:
        raise Problem(413, f"expected at most {limit} URLs in one job", Kind.TOO_MANY_URLS)


def _read_key(request: web.Request) -> str | None:
    keys = request.headers.getall("Idempotency-Key", [])
    if not keys:
        return None
    if len(keys) > 1 or not KEY.fullmatch(keys[0]):
        raise Problem(400, "expected one Idempotency-Key of 1 to 255 visible ASCII characters")
    return keys[0].strip('"')
