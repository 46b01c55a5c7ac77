"""`GET /probe`: one target, held to a module, as metrics; as blackbox_exporter answers it."""

import asyncio
import math
from typing import Final

from aiohttp import web

from service.api import traffic
from service.api.connection import keep_connected
from service.api.negotiation import choose
from service.api.operation import TEXT as TEXT_SCHEMA
from service.api.operation import Answer, Media, Parameter, Refusal, operation
from service.api.query import Query, parameter
from service.api.shared import SHARED, Shared
from service.probe.families import make_families
from service.probe.modules import DEFAULT
from service.probe.prober import HOST_NAME, Prober
from service.probe.story import tell_story
from service.telemetry.gauges import write_gauges
from service.telemetry.metrics import OPENMETRICS, TEXT

TIMEOUT_HEADER: Final = "X-Prometheus-Scrape-Timeout-Seconds"
_OPENMETRICS_TYPE: Final = OPENMETRICS.partition(";")[0]
_TEXT_TYPE: Final = TEXT.partition(";")[0]
SECONDS: Final = {"type": "number", "minimum": 0}


@operation(
    "GET",
    "/probe",
    id="probe",
    tag="inspections",
    summary="Probe one target, as blackbox_exporter does",
    parameters=[
        Parameter(
            "target",
            "query",
            "The URL to ask; without a scheme, http",
            {"type": "string", "minLength": 1},
            "https://example.com/",
            is_required=True,
        ),
        Parameter("module", "query", "What is expected of it, by name", TEXT_SCHEMA, DEFAULT),
        Parameter(
            "hostname",
            "query",
            "What the target is called, in Host and to TLS",
            {"type": "string", "pattern": f"^{HOST_NAME.pattern}$"},
            "example.com",
        ),
        Parameter("debug", "query", "`true`: the probe's story in place of its metrics", TEXT_SCHEMA, "true"),
        Parameter(TIMEOUT_HEADER, "header", "When Prometheus gives the scrape up", SECONDS, 10),
    ],
    answers=[
        Answer(
            200,
            "What became of the target",
            [
                Media(_TEXT_TYPE, TEXT_SCHEMA, "probe_success 1.0\n"),
                Media(_OPENMETRICS_TYPE, TEXT_SCHEMA, "probe_success 1.0\n# EOF\n"),
            ],
        )
    ],
    refusals=[Refusal(400, "expected a target, got none"), *traffic.REFUSALS],
    has_head=False,
)
async def probe(request: web.Request) -> web.Response:
    """Metrics, whatever became of the target; with `debug=true`, what happened, as text."""
    shared = request.app[SHARED]
    asked = _read(request, shared)
    with shared.traffic.inspection(), keep_connected(request):
        async with shared.traffic.until_cut():
            return await _answer(request, shared.prober, asked)


def read_timeout(header: str | None, module_s: float, offset_s: float) -> float | None:
    """The module's, or where that is earlier, `offset_s` before the scrape's end. None where the header tells
    no time."""
    if header is None:
        return module_s
    try:
        scrape_s = float(header)
    except ValueError:
        scrape_s = math.nan
    if not 0 <= scrape_s < math.inf:
        return None
    left_s = scrape_s - offset_s
    return module_s if left_s <= 0 else min(module_s, left_s)


def _read(request: web.Request, shared: Shared) -> tuple[str, str, float, str | None]:
    """The target, the module's name, what the probe may take, and what the target is called. Raises a Problem
    with all that is wrong."""
    query = Query(request)
    target = query.read_once("target") or ""
    if not target:
        query.refuse("expected a target, got none", parameter("target"))
    name = query.read_once("module") or DEFAULT
    module = shared.prober.modules.get(name)
    if module is None:
        known = ", ".join(shared.prober.modules)
        query.refuse(f"there is no module {name[:100]!r}; there are {known}", parameter("module"))
    host = query.read_once("hostname")
    if host is not None:
        if not HOST_NAME.fullmatch(host):
            detail = f"expected a hostname such as example.com, got {host[:100]!r}"
            query.refuse(detail, parameter("hostname"))
        elif module is not None and module.http.host not in (None, host):
            detail = f"expected one hostname, got {host[:100]!r} beside the module's Host"
            query.refuse(detail, parameter("hostname"))
    header = request.headers.get(TIMEOUT_HEADER)
    default_s = (module and module.timeout) or shared.settings.timeout
    timeout_s = read_timeout(header, default_s, shared.settings.probe_timeout_offset)
    if timeout_s is None:
        detail = f"expected a number of seconds in {TIMEOUT_HEADER}, got {str(header)[:100]!r}"
        query.refuse(detail, f"header {TIMEOUT_HEADER}")
    query.check()
    assert timeout_s is not None  # noqa: S101 - for the type checker: that has been refused
    return target, name, timeout_s, host


async def _answer(
    request: web.Request, prober: Prober, asked: tuple[str, str, float, str | None]
) -> web.Response:
    probed = await prober.probe(*asked)
    if request.query.get("debug") == "true":
        text = await asyncio.to_thread(tell_story, probed)
        return web.Response(text=text, content_type="text/plain")
    wanted = choose(request.headers.getall("Accept", []), (_TEXT_TYPE, _OPENMETRICS_TYPE))
    content_type = OPENMETRICS if wanted == _OPENMETRICS_TYPE else TEXT
    body = await asyncio.to_thread(lambda: write_gauges(make_families(probed), content_type))
    return web.Response(body=body, headers={"Content-Type": content_type})
