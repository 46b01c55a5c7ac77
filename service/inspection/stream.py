"""One connection and what is said on it: connect, shake hands, send the request, read the response head.

Opening, securing and writing only say what is wanted and never wait. The connection goes on by itself, from
readiness to readiness, and one wait is for all of it: to wake the task for each step cost more than all
system calls together. A stream moves bytes and names errors; it judges nothing.
"""

import socket
import struct
import types
from collections.abc import Awaitable, Generator
from time import monotonic
from typing import Final

from service.errors import Code, FetchFailed
from service.inspection.body import BodyReader
from service.inspection.deadline import Bucket, Deadline, Limit, Timeouts
from service.inspection.readiness import FAILED, READABLE, WRITABLE, Network
from service.inspection.suspension import Suspension
from service.inspection.transport import Secured, Security, Transport, begin_connecting, connect_failure, told
from service.inspection.wire import HeadLimits, HeadReader, ResponseHead, read_whole_head
from workers.model import Stage

RECEIVE_BYTES: Final = 16 * 1024  # a usual head in one read; TLS records are no longer either
_NO_HEAD: Final[ResponseHead] = (0, b"")
_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)  # SO_LINGER, 0 s


class Stream(Suspension):
    """One TCP connection, for one task at a time. An expected failure is raised as FetchFailed by whoever
    waits next; `close` is idempotent. Moments (`…_at_s`) are on the monotonic clock.

    Making one begins to connect. Raises FetchFailed where that fails at once, Shortage where there is no
    room for it.
    """

    __slots__ = (
        *("began_at_s", "connected_at_s", "fd", "head", "is_clean", "peer", "ready_at_s", "secured", "stage"),
        *("wants", "_armed_at_s", "_body", "_bucket", "_deadline", "_error", "_limits", "_network"),
        *("_reader", "_rest", "_security", "_socket", "_timeouts", "_transport", "_unsent"),
    )
    _bucket: Bucket  # of `_armed_at_s`
    _rest: bytes  # what came behind the head with it

    def __init__(
        self, network: Network, address: str, port: int, deadline: Deadline, timeouts: Timeouts
    ) -> None:
        Suspension.__init__(self, network.loop)  # `super` makes an object first
        self._network = network
        self._deadline, self._timeouts = deadline, timeouts
        self._security: Security | None = None
        self.secured: Secured | None = None
        self._unsent = b""
        self._limits: HeadLimits | None = None  # set while a head or a body is being read
        self._reader: HeadReader | None = None
        self._body: BodyReader | None = None
        self._error: Exception | None = None
        self._armed_at_s = self.connected_at_s = self.ready_at_s = 0.0
        self.head = _NO_HEAD
        self.is_clean = False  # nothing came behind the head: ask it again
        self.stage: Stage = "connect"
        self.wants = WRITABLE
        self.began_at_s = monotonic()
        self.peer = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        self._socket = begin_connecting(address, port, self.peer)
        self._transport: Transport = self._socket
        self.fd = self._socket.fileno()
        network.readiness.watch(self)

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
        self._deadline, self._timeouts = deadline, timeouts
        self.ready_at_s = monotonic()
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

    def close(self, *, is_ending: bool = False) -> None:
        """Close at once: neither the body nor close_notify is waited for. A reset frees the port, which who
        closes first keeps for a minute; it is not needed where the server `is_ending` the connection."""
        if self.fd >= 0:
            self._network.readiness.forget(self)
            if self.secured is not None:
                self.secured.close()
            if not is_ending:
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            self._socket.close()
            self.fd = -1

    def wake(self, events: int) -> None:
        """The socket is ready for something, or has failed: go on from where we are."""
        if self.stage == "connect":
            if events & FAILED and (number := self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)):
                self._fail(connect_failure(number, self.peer))
                return
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

    def expire(self) -> None:
        """A limit has passed: the present phase's, or that of an earlier one that was met."""
        limit = self._limit()
        if limit.at_s <= monotonic():
            self._fail(limit.expired(self.peer))
        else:
            self._arm(limit.at_s)

    def _arm(self, at_s: float) -> None:
        self._bucket.discard(self)
        self._armed_at_s = at_s
        self._bucket = self._network.deadlines.add(self, at_s)

    def _limit(self) -> Limit:
        began_at_s = self.ready_at_s or self.connected_at_s or self.began_at_s
        return self._deadline.phase(self.stage, began_at_s, self._timeouts)

    @types.coroutine
    def _wait(self) -> Generator[Suspension, None, ResponseHead]:
        if self._error is None:  # it can have failed before anybody waited
            if self.stage == "connect":  # as most do: `_limit`, at less cost
                at_s = self.began_at_s + self._timeouts.connect_s
                self._armed_at_s = at_s = at_s if at_s < self._deadline.at_s else self._deadline.at_s
            else:
                self._armed_at_s = at_s = self._limit().at_s
            self._bucket = self._network.deadlines.add(self, at_s)
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
        self.stage = "tls"
        at_s = self.connected_at_s + self._timeouts.tls_s
        if at_s < self._armed_at_s:
            self._arm(at_s)
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
        self.stage = "exchange"
        self.ready_at_s = now_s
        at_s = now_s + self._timeouts.response_s
        if at_s < self._armed_at_s:
            self._arm(at_s)
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
            self._break(error, "the request was sent")
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
                self._break(error, "the response was read")

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
            head = reader.feed(data)
            if head is None:
                return
            self.head, self._rest = head, reader.rest
        self._end_wait()

    def _break(self, error: OSError, doing: str) -> None:
        self._fail(FetchFailed(Code.CONNECTION_RESET, f"broken while {doing}: {told(error)}"))

    def _fail(self, error: Exception) -> None:
        self._error = error
        self._end_wait()

    def _end_wait(self) -> None:
        self._limits = None
        self.resume()
