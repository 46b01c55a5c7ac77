"""`POST /-/reload`: modules and tokens read again, for who has a token, where `--enable-reload` allows it."""

from typing import Final

import msgspec
from aiohttp import web

from service.api import answers
from service.api.negotiation import JSON
from service.api.operation import Answer, Media, Refusal, operation, ref
from service.api.problems import Fault, Kind, Problem
from service.api.shared import SHARED
from service.errors import UsageError

OFF: Final = "reloading by request is not enabled here"
NO_TOKENS: Final = "reloading wants a token, and this daemon has none"
REFUSED: Final = "what was read has faults, and what there was is still used"


@operation(
    "POST",
    "/-/reload",
    id="reload",
    tag="operation",
    summary="Read modules and tokens again",
    answers=[
        Answer(
            200,
            "They are in use",
            [Media(JSON, ref("Reloaded"), {"status": "reloaded", "modules": ["http_2xx"]})],
        )
    ],
    refusals=[
        Refusal(403, NO_TOKENS, Kind.NO_TOKENS),
        Refusal(404, OFF),
        Refusal(500, REFUSED, Kind.BAD_CONFIGURATION),
    ],
)
async def reload(request: web.Request) -> web.Response:
    """Once they are in use, it is answered; with each fault where the old ones are kept, by 500 as Prometheus
    has it. It wants a token, and `--enable-reload`."""
    shared = request.app[SHARED]
    if not shared.settings.enable_reload:
        raise Problem(404, OFF)
    if not shared.access.tokens:
        raise Problem(403, NO_TOKENS, Kind.NO_TOKENS)
    try:
        await shared.reloading.reload()
    except UsageError as error:
        faults = [Fault(fault) for fault in error.faults]
        raise Problem(500, REFUSED, Kind.BAD_CONFIGURATION, faults) from error
    answer = answers.Reloaded("reloaded", list(shared.prober.modules))
    return web.Response(body=msgspec.json.encode(answer), content_type=JSON)
