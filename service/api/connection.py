"""One client's connection: what aiohttp's server leaves out.

A request's head must be whole in time and size, an answer must be taken in time, and an answer that aiohttp
makes itself (to a malformed head, say) is a problem with our headers like any other. Such answers are written
straight to the transport: none of the application's code has seen a request.
"""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Final

from aiohttp import web
from aiohttp.streams import EMPTY_PAYLOAD, StreamReader

from service.api import malformed
from service.api.connections import Connections
from service.api.envelope import (
    REQUEST_ID,
    REQUEST_ID_HEADER,
    SECURITY_HEADERS,
    UNMATCHED,
    choose_request_id,
)
from service.api.memory import Memory
from service.api.operation import Refusal
from service.api.problems import CONTENT_TYPE, Kind, Problem, body_of, phrase_of
from service.telemetry.events import Hook, RequestAnswered
from service.telemetry.logs import log

KEEPALIVE_S: Final = 75.0  # nginx's: longer than most proxies keep theirs, so that they close first
LINGER_S: Final = 5.0  # nginx's: a client that still sends has so long to read that it is refused
HEAD_LIMIT: Final = 32_768  # bytes of an unfinished head, as nginx's four buffers of 8 KiB
STALL_S: Final = 30.0  # a client that takes no byte for so long is gone, whatever TCP says
TAKE_RATE: Final = 16_384  # bytes a second that a client must take of an answer, once `STALL_S` is over
NO_METHOD: Final = "none"
NO_EXPECTATION: Final = "no expectation is met but 100-continue"
PROBLEM: Final = web.RequestKey("problem", Problem)  # what the parser's error came to
REFUSALS: Final = (
    *malformed.REFUSALS,
    Refusal(408, "expected a request's head, whole, within 10 s", headers=["Connection"]),
    Refusal(431, f"expected a request's head of at most {HEAD_LIMIT} bytes", headers=["Connection"]),
    Refusal(503, "as many connections are being answered as may be open", Kind.BUSY, ["Retry-After"]),
)


@dataclass(frozen=True, slots=True)
class ConnectionOptions:
    """`limit` is of all connections together."""

    head_timeout_s: float
    emit: Hook
    limit: int
    memory: Memory


class Connection(web.RequestHandler):
    """aiohttp's protocol with a deadline for heads and answers of our own."""

    __slots__ = (
        "_answering",
        "_began",
        "_connections",
        "_content",
        "_head_bytes",
        "_heard",
        "_options",
        "_timer",
    )

    def __init__(
        self,
        manager: web.Server,
        loop: asyncio.AbstractEventLoop,
        options: ConnectionOptions,
        connections: Connections,
    ) -> None:
        super().__init__(
            manager,
            loop=loop,
            keepalive_timeout=KEEPALIVE_S,
            lingering_time=LINGER_S,
            max_headers=malformed.FIELDS_LIMIT,
            max_line_size=malformed.TARGET_LIMIT,
            max_field_size=malformed.FIELD_LIMIT,
            auto_decompress=False,  # `encoding` does that
        )
        self._options = options
        self._connections = connections
        self._head_bytes = 0
        self._answering = False
        self._content: StreamReader = EMPTY_PAYLOAD  # the last request's: its rest is no head
        self._heard = False
        self._began = monotonic()
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        client = transport.get_extra_info("socket")
        if client is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
            # Also what is still to be written when the connection is closed is not kept for ever.
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(STALL_S * 1e3))
        if not self._connections.enter(self):
            detail = f"as many connections are being answered as may be open ({self._connections.limit})"
            self._answer(Problem(503, detail, Kind.BUSY, headers={"Retry-After": "2"}))
            self.force_close()
            return
        self._await_head()

    def data_received(self, data: bytes) -> None:
        # Between requests a connection may idle for as long as it is kept alive; from its first byte on, a
        # head has its time. While a request is being answered, what comes is its body, or waits its turn; and
        # what is left of a body behind its answer is read for a moment, so that the answer can be read.
        is_within = self._answering or not self._content.is_eof()
        if not is_within:
            self._heard = True
            self._await_head()
        super().data_received(data)
        if is_within or self._answering or self._messages:
            self._head_bytes = 0
            return
        self._head_bytes += len(data)
        if self._head_bytes > HEAD_LIMIT and not self._force_close:
            self._answer(Problem(431, f"expected a request's head of at most {HEAD_LIMIT} bytes"))
            self.force_close()

    def give_way(self) -> None:
        """Close at once: there are too many, and this one has stood idle for the longest time."""
        self._stop_waiting()
        transport = self.transport
        self.force_close()
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()  # not even what it has not taken yet is waited for

    def connection_lost(self, exc: BaseException | None) -> None:
        self._stop_waiting()
        self._connections.leave(self)
        super().connection_lost(exc)

    def head_received(self) -> None:
        """A request, or what was to be one, is about to be answered."""
        self._answering, self._heard = True, False
        self._connections.answer(self)
        self._stop_waiting()

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Within the block it gives way to no other connection: work is being done for it."""
        self._connections.keep(self)
        try:
            yield
        finally:
            self._connections.answer(self)

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
        if status == 400:
            request[PROBLEM] = malformed.problem_of(exc)
        return web.Response(status=status, reason=phrase_of(status))

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        try:
            if request.get(REQUEST_ID) is not None:
                size = resp.content_length or 0
                with self._options.memory.account(self.give_way) as account:
                    account.take(size)
                    async with asyncio.timeout(STALL_S + size / TAKE_RATE):
                        return await super().finish_response(request, resp, start_time)
            detail = NO_EXPECTATION if resp.status == 417 else phrase_of(resp.status)
            self._answer(request.get(PROBLEM) or Problem(resp.status, detail))
        except TimeoutError as error:
            self.give_way()
            raise ConnectionAbortedError("the client did not take its answer") from error
        else:
            return resp, True  # as if the client had gone: the connection is closed
        finally:
            self._answering = False
            self._content = request.content
            self._connections.idle(self)

    def _answer(self, problem: Problem) -> None:
        request_id = choose_request_id(None)
        body = body_of(problem, request_id)
        headers = {
            "Content-Type": CONTENT_TYPE,
            "Content-Length": str(len(body)),
            "Connection": "close",
            REQUEST_ID_HEADER: request_id,
            **SECURITY_HEADERS,
            **problem.headers,
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


def keep_connected(request: web.Request) -> AbstractContextManager[None]:
    """`kept`, of the connection that a request came by."""
    connection = request.protocol
    assert isinstance(connection, Connection)  # noqa: S101 - the listener makes no others
    return connection.kept()
