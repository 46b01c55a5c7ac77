"""`POST /v1/inspections`: a short list now, its records in one JSON document or one a line as each is ready.

Records come as finished JSON from the workers and are passed on as bytes. What a client leaves behind when
it goes away is nothing: its run is cancelled with its request. Where the daemon stops before a list is
finished, what is finished is told all the same, and the rest as `cancelled`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from time import monotonic, time
from typing import Final

from aiohttp import web

from service.api import examples, negotiation, traffic
from service.api.body import check_media_type, read_body
from service.api.connection import keep_connected
from service.api.inspection_request import InspectionRequest, read_json, read_text
from service.api.memory import ACCOUNT
from service.api.negotiation import JSON, NDJSON, negotiate
from service.api.operation import RECORD_LINES, URL_LINES, Answer, Media, Refusal, operation, ref
from service.api.problems import LONGER_LISTS, Kind
from service.api.shared import SHARED, Shared
from service.api.traffic import CutOff
from service.errors import cancelled
from service.inspection.dispatch import Entry, read_entry
from service.inspection.source import ListSource
from service.telemetry.events import Inspected
from workers.model import Gathered, Verdict
from workers.record import record_only

TEXT: Final = "text/plain"
QUICK_BYTES: Final = 32 * 1024  # a body that is read within some milliseconds; more is not for the event loop
WRITE_TIMEOUT_S: Final = 30.0  # a client that takes no byte for so long is gone, whatever TCP says


@operation(
    "POST",
    "/v1/inspections",
    id="inspect",
    tag="inspections",
    summary="Inspect a short list now",
    body=[Media(JSON, ref("InspectionRequest"), examples.REQUEST), Media(TEXT, URL_LINES, examples.LIST)],
    answers=[
        Answer(
            200,
            "A record for each URL",
            [
                Media(JSON, ref("Inspections"), {"results": [examples.RECORD, examples.FAILED]}),
                Media(NDJSON, RECORD_LINES, examples.LINES),
            ],
        )
    ],
    refusals=[
        Refusal(400, "expected JSON: trailing comma at line 1 column 9", Kind.MALFORMED_BODY),
        Refusal(
            413, f"expected at most 100 URLs in one request, got 101; {LONGER_LISTS}", Kind.TOO_MANY_URLS
        ),
        Refusal(422, "2 faults in the request", Kind.INVALID_REQUEST),
        *negotiation.REFUSALS,
        *traffic.REFUSALS,
    ],
)
async def inspect(request: web.Request) -> web.StreamResponse:
    """Inspect the URLs of the body, which may be gzipped. The order is the input's in JSON, that of
    completion in NDJSON."""
    shared = request.app[SHARED]
    wanted = negotiate(request, (JSON, NDJSON))
    media_type = check_media_type(request, (JSON, TEXT))
    shared.traffic.require_room()  # now, and once more when the body is there: slow ones hold no place
    async with shared.traffic.until_cut():
        body = await read_body(request, shared.settings.request_limit, shared.settings.request_rate)
    read = read_json if media_type == JSON else read_text
    if len(body) > QUICK_BYTES:
        asked = await asyncio.to_thread(read, body, shared.settings, shared.options)
    else:
        asked = read(body, shared.settings, shared.options)
    with ExitStack() as place:
        place.enter_context(shared.traffic.inspection())
        place.enter_context(keep_connected(request))
        if wanted == NDJSON:
            return await _stream(request, shared, asked, place.pop_all())
        return await _gather(request, shared, asked)


async def _gather(request: web.Request, shared: Shared, asked: InspectionRequest) -> web.Response:
    account = request[ACCOUNT]
    lines = [b""] * len(asked.targets)

    def take(verdict: Verdict) -> None:
        lines[verdict.seq - 1] = verdict.line
        account.take(len(verdict.line))

    await _run(shared, asked, take)
    return web.Response(body=b'{"results": [' + b",\n".join(lines) + b"]}\n", content_type=JSON)


async def _stream(
    request: web.Request, shared: Shared, asked: InspectionRequest, place: ExitStack
) -> web.StreamResponse:
    # Delivering never waits for the client: the analyst serves every request, and one slow reader would
    # hold up all. What waits here is bounded by the memory of all requests.
    account = request[ACCOUNT]
    ready: asyncio.Queue[bytes] = asyncio.Queue()

    def take(verdict: Verdict) -> None:
        ready.put_nowait(verdict.line)
        account.take(len(verdict.line))

    async def run() -> None:
        with place:  # given up when the list is inspected, however slowly its records are taken
            await _run(shared, asked, take)

    with place:
        response = web.StreamResponse(headers={"Content-Type": NDJSON})
        await response.prepare(request)
        async with asyncio.TaskGroup() as group:
            group.create_task(run(), name="inspect a request's list")
            for _ in asked.targets:
                line = await ready.get() + b"\n"
                await send(response.write(line))
                account.give(len(line) - 1)
        await send(response.write_eof())
        return response


async def _run(shared: Shared, asked: InspectionRequest, take: Callable[[Verdict], None]) -> None:
    """Inspect the list; `take` gets one record a target, `cancelled` where the drain was over first."""
    left = {target.seq: target for target in asked.targets}

    def deliver(verdict: Verdict) -> None:
        # What was with a worker when the drain ended comes too late: its target has its record.
        if left.pop(verdict.seq, None) is not None:
            take(verdict)

    stopped: list[Gathered] = []
    source = ListSource(asked.targets)
    started_at, began = time(), monotonic()
    try:
        async with shared.traffic.until_cut():
            await shared.inspector.run(source, asked.options, deliver, stopped.append)
    except CutOff:
        cut = {gathered.seq: gathered for gathered in stopped}
        for target in list(left.values()):
            entry = read_entry(target, asked.options.url_limit_bytes)
            gathered = cut.get(target.seq) or _unbegun(entry, started_at, monotonic() - began)
            verdict = record_only(gathered)
            shared.emit(Inspected(verdict))
            deliver(verdict)


def _unbegun(entry: Entry, started_at: float, spent_s: float) -> Gathered:
    """It was read, and no more."""
    return Gathered(
        seq=entry.target.seq,
        input=entry.target.input,
        url=entry.url.href if entry.url is not None else None,
        exchanges=(),
        failure=cancelled("input"),
        started_at=started_at,
        elapsed_ms=round(spent_s * 1e3, 3),
    )


async def send(sending: Awaitable[None]) -> None:
    """Wait until the client has taken enough of what is sent to it."""
    try:
        async with asyncio.timeout(WRITE_TIMEOUT_S):
            await sending
    except TimeoutError as error:
        raise ConnectionAbortedError(f"the client took nothing for {WRITE_TIMEOUT_S:g} s") from error
