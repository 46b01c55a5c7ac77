"""`GET /livez`, `GET /readyz`, `GET /metrics`: for what runs and watches the daemon, never for its users.

Health answers JSON whatever is accepted: a prober looks at the status. Metrics fall back to the text format
in place of 406, as Prometheus' own libraries do.
"""

import asyncio

from aiohttp import web

from service.api.negotiation import choose
from service.api.shared import SHARED
from service.telemetry.metrics import OPENMETRICS, TEXT, expose

_OPENMETRICS_TYPE = OPENMETRICS.partition(";")[0]
_TEXT_TYPE = TEXT.partition(";")[0]


async def livez(_: web.Request) -> web.Response:
    """The loop turns. It says nothing of what the daemon depends on: a restart would not mend that."""
    return web.json_response({"status": "alive"})


async def readyz(request: web.Request) -> web.Response:
    """200 where work is taken, else 503; each part tells for itself."""
    shared = request.app[SHARED]
    parts: dict[str, dict[str, object]] = {
        "pool": {"ready": shared.inspector.alive, "workers": shared.inspector.workers},
        "drain": {"ready": not shared.traffic.draining, "requests": shared.traffic.under_way},
    }
    if shared.jobs is not None:
        fault = shared.jobs.store.fault
        parts["store"] = {"ready": fault is None} | ({} if fault is None else {"fault": fault})
    ready = all(part["ready"] for part in parts.values())
    answer = {"status": "ready" if ready else "not ready", "parts": parts}
    return web.json_response(answer, status=200 if ready else 503)


async def metrics(request: web.Request) -> web.Response:
    """Written in a thread: a thousand series take milliseconds, which the loop's URLs would feel."""
    wanted = choose(request.headers.getall("Accept", []), (_TEXT_TYPE, _OPENMETRICS_TYPE))
    content_type = OPENMETRICS if wanted == _OPENMETRICS_TYPE else TEXT
    body = await asyncio.to_thread(expose, request.app[SHARED].metrics, content_type)
    return web.Response(body=body, headers={"Content-Type": content_type})
