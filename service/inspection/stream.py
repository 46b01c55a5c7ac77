"""One connection and what is said on it: connect, shake hands, send the request, read the response head.

Opening, securing and writing only say what is wanted and never wait. The connection goes on by itself, from
readiness to readiness, and one wait is for all of it: to wake the task for each step cost more than all
system calls together. A stream moves bytes and names errors; it judges nothing.
"""

import socket
import types
from collections.abc import Awaitable, Generator
from time import monotonic
from typing import Final

from service.errors import FetchFailed
from service.inspection.body import BodyReader
from service.inspection.deadline import Deadline, Timeouts
from service.inspection.phases import Phases
from service.inspection.readiness import FAILED, READABLE, WRITABLE, Network
from service.inspection.suspension import Suspension
from service.inspection.transport import (
    Secured,
    Security,
    Shortage,
    Transport,
    begin_connecting,
    broken_while,
    connect_failure,
    end_connection,
    holds_more,
    send_at_once,
)
from service.inspection.wire import HeadLimits, HeadReader, ResponseHead, read_whole_head

RECEIVE_BYTES: Final = 16 * 1024  # a usual head in one read; TLS records are no longer either
_NO_HEAD: Final[ResponseHead] = (0, b"")


class Stream(Phases):
    """One TCP connection, for one task at a time. An expected failure is raised as FetchFailed by whoever
    waits next; `close` is idempotent.

    Making one has it opened, with all others of this turn of the loop. What is wrong with that whoever waits
    learns: FetchFailed, or Shortage where there was no room for it.
    """

    __slots__ = (
        *("fd", "head", "is_clean", "secured", "wants", "_address", "_body", "_error", "_is_closed"),
        *("_is_over", "_limits", "_network", "_reader", "_rest", "_security", "_socket", "_transport"),
        "_unsent",
    )
    _rest: bytes  # what came behind the head with it
    _socket: socket.SocketType
    _transport: Transport

    def __init__(
        self, network: Network, address: str, port: int, deadline: Deadline, timeouts: Timeouts
    ) -> None:
        peer = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        Phases.__init__(self, network.deadlines, peer, deadline, timeouts)  # `super` makes an object first
        self._network = network
        self._security: Security | None = None
        self.secured: Secured | None = None
        self._unsent = b""
        self._limits: HeadLimits | None = None  # set while a head or a body is being read
        self._reader: HeadReader | None = None
        self._body: BodyReader | None = None
        self._error: Exception | None = None
        self.head = _NO_HEAD
        self.wants = WRITABLE
        self.fd = -1
        self.is_clean = self._is_closed = self._is_over = False  # clean: nothing came behind the head
        self._address = address, port
        network.open(self)

    def open(self, *, is_near: bool) -> bool:
        """Begin to connect, for the network, whose word `is_near` is."""
        if self._is_closed:
            return is_near
        self.began_at_s = monotonic()
        try:
            self._transport = self._socket = begin_connecting(self._address, self.peer)
            self.fd = self._socket.fileno()
            self._network.readiness.watch(self)
            if not is_near or not self._unsent or self._security is not None:
                return is_near
            now_s = monotonic()
            sent = send_at_once(self._socket, self._unsent, self.peer)
        except (FetchFailed, Shortage) as error:
            self._fail(error)
            self.resume()
            return is_near
        if sent:
            self._unsent = self._unsent[sent:]
            self.wants = READABLE
            self.connected_at_s = now_s
            self._begin_exchange(now_s)
        return bool(sent)

    def start_tls(self, security: Security) -> None:
        """Shake hands as soon as the connection stands; what is written follows."""
        self._security = security
        if self.stage == "exchange":
            self._begin_tls()

    def write(self, data: bytes) -> None:
        """Send `data` as soon as the connection is ready for it."""
        self._unsent = data
        if self.stage == "exchange":
            self._send()

    def renew(self, deadline: Deadline, timeouts: Timeouts) -> None:
        """Before the next request on a connection that stands."""
        Phases.renew(self, deadline, timeouts)
        self.is_clean, self.head = False, _NO_HEAD

    async def connected(self) -> None:
        """Wait until the connection stands, and no longer."""
        if self.stage == "connect":
            await self._wait()

    def read_head(self, limits: HeadLimits) -> Awaitable[ResponseHead]:
        """Await it for one final response head, and for all that has to come before that."""
        self._limits = limits
        return self._wait()

    async def read_body(self, body: BodyReader, limits: HeadLimits) -> None:
        """After `read_head`: have `body` take what follows the head, within the same limits."""
        if not body.is_whole and not (self._rest and body.feed(self._rest)):
            self._body, self._limits = body, limits
            await self._wait()

    def has_surplus(self) -> bool:
        """Whether it is unclean by bytes that nobody asked for, not by its end. Then only `close` is left."""
        return bool(self._rest) or holds_more(self._transport)

    def close(self, *, is_ending: bool = False) -> None:
        """Close at once: neither the body nor close_notify is waited for."""
        self._is_closed = True
        if self.fd >= 0:
            self._network.readiness.forget(self)
            if self.secured is not None:
                self.secured.close()
            end_connection(self._socket, is_ending=is_ending)
            self.fd = -1

    def wake(self, events: int) -> bool:
        """The socket is ready for something, or has failed: go on from where we are. Returns whether what is
        waited for is over: `resume` is the caller's."""
        if self.stage == "connect":
            if events & FAILED and (number := self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)):
                self._fail(connect_failure(number, self.peer))
                return True
            self.connected_at_s = now_s = monotonic()
            if self._security is None:
                self._begin_exchange(now_s)
            else:
                self._begin_tls()
        elif self.stage == "tls":
            self._shake_hands()
        elif self._unsent:
            self._send()
        if events != WRITABLE and self.stage == "exchange":
            self._receive()
        return self._is_over

    @types.coroutine
    def _wait(self) -> Generator[Suspension, None, ResponseHead]:
        if self._error is None:  # it can have failed before anybody waited
            self._is_over = False
            self._begin_waiting()
            try:
                if self.stage == "exchange":
                    self._receive()  # its edge may have passed
                if self.stage != "exchange" or self._limits is not None:
                    yield self.suspended()
            finally:
                self._bucket.discard(self)
        if self._error is not None:
            raise self._error
        return self.head

    def _begin_tls(self) -> None:
        self._begin_phase("tls", self.connected_at_s, self._timeouts.tls_s)
        self._shake_hands()

    def _shake_hands(self) -> None:
        assert self._security is not None  # noqa: S101 - the stage says so
        try:
            if self.secured is None:
                self._transport = self.secured = self._security.secure(self._socket)
            self.wants = self.secured.shake_hands()
        except FetchFailed as error:
            self._fail(error)
        else:
            if not self.wants:
                self._begin_exchange(monotonic())

    def _begin_exchange(self, now_s: float) -> None:
        self.ready_at_s = now_s
        self._begin_phase("exchange", now_s, self._timeouts.response_s)
        if self._unsent:
            self._send()
        elif self._limits is None:
            self._end_wait()  # somebody waits for the connection alone

    def _send(self) -> None:
        try:
            sent = self._transport.send(self._unsent)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            self._fail(broken_while("the request was sent", error))
            return
        self._unsent = self._unsent[sent:]
        self.wants = WRITABLE if self._unsent else READABLE

    def _receive(self) -> None:
        """Read until the head is whole, or until there is no more for now."""
        self.is_clean = False  # while it is idle, whatever comes is an end, or what nobody asked for
        while self._limits is not None:
            try:
                self._read(self._transport.recv(RECEIVE_BYTES), self._limits)
            except BlockingIOError:
                return
            except FetchFailed as error:
                self._fail(error)
            except OSError as error:
                self._fail(broken_while("the response was read", error))

    def _read(self, data: bytes, limits: HeadLimits) -> None:
        if self._body is not None:
            if not self._body.feed(data):
                return
        elif self._reader is None and (whole := read_whole_head(data, limits)) is not None:
            self.head = whole
            self._rest = data[len(whole[1]) :]
            self.is_clean = not self._rest
        else:
            reader = self._reader = self._reader or HeadReader(limits)
            if (head := reader.feed(data)) is None:
                return
            self.head, self._rest = head, reader.rest
        self._end_wait()

    def _fail(self, error: Exception) -> None:
        self._error = error
        self._end_wait()

    def _end_wait(self) -> None:  # to `resume` is the caller's, who knows what else there is to do
        self._limits, self._is_over = None, True
