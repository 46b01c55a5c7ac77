"""What every request and response has around it: an id, security headers, an event, and no crash unseen.

Owns no route. Errors become problems here, whoever raised them; what our code never saw (a malformed head)
is `connection`'s to answer, with the same headers.
"""

import re
import secrets
from time import monotonic
from typing import Final

from aiohttp import web

from service.api.memory import ACCOUNT
from service.api.operation import Handler, Refusal
from service.api.problems import Problem, of_http_exception, response_of
from service.api.shared import SHARED
from service.telemetry.events import RequestAnswered
from service.telemetry.logs import log

REQUEST_ID_HEADER: Final = "X-Request-ID"
REQUEST_ID: Final = web.RequestKey("request_id", str)
_BEGUN: Final = web.RequestKey("begun", bool)
_ROUTE: Final = web.RequestKey("route", str)
_CLIENT: Final = web.RequestKey("client", str)  # the name of its token
UNMATCHED: Final = "unmatched"
REFUSALS: Final = (
    Refusal(417, "no expectation is met but 100-continue"),
    Refusal(500, "a fault in this service; its log has it under the request's id"),
)
CLIENT_GONE: Final = 499  # nginx's code, for the metrics and the log: nobody is left to receive one

# No script may run, no frame show it, no cache keep it, no other site embed it. `/docs` alone is a page, and
# says in a policy of its own which style it has.
SECURITY_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
# What ids are commonly made of (UUIDs, ULIDs, trace contexts, Base64) and nothing that a log or a header
# would have to escape.
_SANE_ID: Final = re.compile(r"[A-Za-z0-9._~:/+=@-]{1,128}")


@web.middleware
async def envelope(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Around every handler."""
    shared = request.app[SHARED]
    request_id = request[REQUEST_ID] = choose_request_id(request.headers.get(REQUEST_ID_HEADER))
    began, status = monotonic(), CLIENT_GONE
    route = request[_ROUTE] = await _find_route(request)
    with shared.traffic.request():
        try:
            response = await _answer(request, handler)
            status = response.status
        finally:
            spent_s = monotonic() - began
            client = request.get(_CLIENT)
            shared.emit(RequestAnswered(request_id, route, request.method, status, spent_s, client))
    return response


async def dress(request: web.Request, response: web.StreamResponse) -> None:
    """Signal `on_response_prepare`: the last word on the headers, streamed responses included."""
    request[_BEGUN] = True
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers[REQUEST_ID_HEADER] = request[REQUEST_ID]
    response.headers.popall("Server", None)  # aiohttp's default tells its version and Python's
    if "Upgrade" in request.headers:
        # Declined (RFC 9110 section 7.8). A proxy may think otherwise, and pass on whatever comes next.
        response.headers["Connection"] = "close"
    if response.headers.get("Connection") == "close":
        response.force_close()  # aiohttp does not read the field


def choose_request_id(given: str | None) -> str:
    """The client's id where it is a sane token, else one of our own."""
    return given if given is not None and _SANE_ID.fullmatch(given) else secrets.token_hex(16)


async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    shared = request.app[SHARED]
    try:
        client = shared.access.admit(request)
        if client is not None:
            request[_CLIENT] = client
        async with shared.memory.request() as request[ACCOUNT]:
            return await handler(request)
    except Problem as error:
        problem = error
    except web.HTTPException as error:
        problem = of_http_exception(error, request.method, request.path)
    except Exception as error:
        if _BEGUN in request and _is_disconnection(error):
            raise ConnectionAbortedError("the client is gone, or stopped reading") from error
        log.error("request crashed", request_id=request[REQUEST_ID], route=request[_ROUTE], exc_info=error)
        problem = Problem(500, "a fault in this service; its log has it under the request's id")
    if _BEGUN in request:
        # Too late for a status: the connection is cut, so that a part is not taken for the whole.
        raise ConnectionAbortedError("failed after the response had begun")
    response = response_of(problem, request[REQUEST_ID])
    if not request.content.is_eof():
        # The rest of the body is read for a moment (aiohttp lingers) but no further request after it.
        response.force_close()
    return response


def _is_disconnection(error: Exception) -> bool:
    """Also where a task group has wrapped it."""
    if isinstance(error, ExceptionGroup):
        return error.split(ConnectionError)[1] is None
    return isinstance(error, ConnectionError)


async def _find_route(request: web.Request) -> str:
    """The pattern that the path is of, whatever the method: a 405 belongs to its route, not to strangers."""
    resource = request.match_info.route.resource
    if resource is not None:
        return resource.canonical
    for candidate in request.app.router.resources():
        _, allowed = await candidate.resolve(request)
        if allowed:
            return candidate.canonical
    return UNMATCHED
