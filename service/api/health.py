"""`GET /livez`, `GET /readyz`, `GET /metrics`: for what runs and watches the daemon, never for its users.

Health answers JSON whatever is accepted: a prober looks at the status. Metrics fall back to the text format
in place of 406, as Prometheus' own libraries do.
"""

import asyncio

import msgspec
from aiohttp import web
from msgspec import Struct

from service.api import answers
from service.api.negotiation import JSON, choose
from service.api.operation import TEXT as ANY_TEXT
from service.api.operation import Answer, Media, operation, ref
from service.api.readiness import parts_of
from service.api.shared import SHARED
from service.telemetry.metrics import OPENMETRICS, TEXT, expose

_OPENMETRICS_TYPE = OPENMETRICS.partition(";")[0]
_TEXT_TYPE = TEXT.partition(";")[0]

_NOT_READY = {
    "status": "not ready",
    "parts": {"pool": {"ready": True, "workers": 2}, "drain": {"ready": False}},
}


@operation(
    "GET",
    "/livez",
    id="livez",
    tag="operation",
    summary="Is it alive?",
    answers=[Answer(200, "It is", [Media(JSON, ref("Alive"), {"status": "alive"})])],
)
async def livez(_: web.Request) -> web.Response:
    """The loop turns. It says nothing of what the daemon depends on: a restart would not mend that."""
    return _json(answers.Alive())


@operation(
    "GET",
    "/readyz",
    id="readyz",
    tag="operation",
    summary="Does it take work?",
    answers=[
        Answer(
            200,
            "It does",
            [
                Media(
                    JSON,
                    ref("Readiness"),
                    {"status": "ready", "parts": {"pool": {"ready": True, "workers": 2}}},
                )
            ],
        ),
        Answer(503, "It does not", [Media(JSON, ref("Readiness"), _NOT_READY)]),
    ],
)
async def readyz(request: web.Request) -> web.Response:
    """200 where work is taken, else 503; each part tells for itself."""
    parts = parts_of(request.app[SHARED])
    ready = all(part.ready for part in parts.values())
    return _json(answers.Readiness("ready" if ready else "not ready", parts), 200 if ready else 503)


@operation(
    "GET",
    "/metrics",
    id="metrics",
    tag="operation",
    summary="Metrics for Prometheus",
    answers=[
        Answer(
            200,
            "Every metric",
            [
                Media(_TEXT_TYPE, ANY_TEXT, "masthead_inflight 0.0\n"),
                Media(_OPENMETRICS_TYPE, ANY_TEXT, "masthead_inflight 0.0\n# EOF\n"),
            ],
        )
    ],
)
async def metrics(request: web.Request) -> web.Response:
    """Written in a thread: a thousand series take milliseconds, which the loop's URLs would feel."""
    wanted = choose(request.headers.getall("Accept", []), (_TEXT_TYPE, _OPENMETRICS_TYPE))
    content_type = OPENMETRICS if wanted == _OPENMETRICS_TYPE else TEXT
    body = await asyncio.to_thread(expose, request.app[SHARED].metrics, content_type)
    return web.Response(body=body, headers={"Content-Type": content_type})


def _json(answer: Struct, status: int = 200) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(answer), content_type=JSON)
