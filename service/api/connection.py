"""One client's connection: what aiohttp's server leaves out.

A request's head must be whole in time, and an answer that aiohttp makes itself (to a malformed head, say)
is a problem with our headers like any other. Such answers are written straight to the transport: none of
the application's code has seen a request.
"""

import asyncio
from dataclasses import dataclass
from time import monotonic
from typing import Final

from aiohttp import web

from service.api.envelope import (
    REQUEST_ID,
    REQUEST_ID_HEADER,
    SECURITY_HEADERS,
    UNMATCHED,
    choose_request_id,
)
from service.api.problems import CONTENT_TYPE, Problem, body_of, phrase_of
from service.telemetry.events import Hook, RequestAnswered
from service.telemetry.logs import log

KEEPALIVE_S: Final = 75.0  # nginx's: longer than most proxies keep theirs, so that they close first
LINGER_S: Final = 5.0  # nginx's: a client that still sends has so long to read that it is refused
NO_METHOD: Final = "none"


@dataclass(frozen=True, slots=True)
class ConnectionOptions:
    head_timeout_s: float
    emit: Hook


class Connection(web.RequestHandler):
    """aiohttp's protocol with a deadline for heads and answers of our own."""

    __slots__ = ("_answering", "_began", "_heard", "_options", "_timer")

    def __init__(
        self, manager: web.Server, loop: asyncio.AbstractEventLoop, options: ConnectionOptions
    ) -> None:
        super().__init__(manager, loop=loop, keepalive_timeout=KEEPALIVE_S, lingering_time=LINGER_S)
        self._options = options
        self._answering = False
        self._heard = False
        self._began = monotonic()
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        # Between requests a connection may idle for as long as it is kept alive; from its first byte on, a
        # head has its time. While a request is being answered, what comes is its body, or waits its turn.
        if not self._answering:
            self._heard = True
            self._await_head()
        super().data_received(data)

    def connection_lost(self, exc: BaseException | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def head_received(self) -> None:
        """A request, or what was to be one, is about to be answered."""
        self._answering, self._heard = True, False
        self._stop_waiting()

    def log_exception(self, *args: object, **kwargs: object) -> None:
        # A body that breaks is the client's doing, and was answered; aiohttp trips over its rest once more.
        # So is a connection that is given up; what of ours led to that has been logged with its request.
        if not isinstance(kwargs.get("exc_info"), web.RequestPayloadError | ConnectionError):
            log.error("connection crashed", exc_info=kwargs.get("exc_info"))

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """aiohttp has no answer: `finish_response` will make one. A stranger's noise is not logged."""
        if status >= 500:
            self.log_exception(exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionAbortedError("failed after the response had begun")
        return web.Response(status=status, reason=phrase_of(status))

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        try:
            if request.get(REQUEST_ID) is not None:
                return await super().finish_response(request, resp, start_time)
            self._answer(Problem(resp.status, _REASONS.get(resp.status, phrase_of(resp.status))))
            return resp, True  # as if the client had gone: the connection is closed
        finally:
            self._answering = False

    def _answer(self, problem: Problem) -> None:
        request_id = choose_request_id(None)
        body = body_of(problem, request_id)
        headers = {
            "Content-Type": CONTENT_TYPE,
            "Content-Length": str(len(body)),
            "Connection": "close",
            REQUEST_ID_HEADER: request_id,
            **SECURITY_HEADERS,
        }
        lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
        head = f"HTTP/1.1 {problem.status} {phrase_of(problem.status)}\r\n{lines}\r\n"
        if self.transport is not None:
            self.transport.write(head.encode("ascii") + body)
        spent_s = monotonic() - self._began
        self._options.emit(RequestAnswered(request_id, UNMATCHED, NO_METHOD, problem.status, spent_s))

    def _await_head(self) -> None:
        if self._timer is None:
            self._began = monotonic()
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._options.head_timeout_s, self._head_is_late)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _head_is_late(self) -> None:
        self._timer = None
        if self._heard:
            limit_s = self._options.head_timeout_s
            self._answer(Problem(408, f"expected a request's head, whole, within {limit_s:g} s"))
        self.force_close()


_REASONS: Final = {
    400: "the request's head is not HTTP/1.1 as RFC 9112 has it, or is larger than is taken",
    417: "no expectation is met but 100-continue",
}
