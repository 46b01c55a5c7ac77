"""One connection and what is said on it: connect, shake hands, send the request, read the response head.

Opening, securing and writing only say what is wanted and never wait. The connection goes on by itself, from
readiness to readiness, and one future is awaited for all of it: a future and a wake-up of the task for each
step cost more than all system calls together. A stream moves bytes and names errors; it judges nothing.
"""

import asyncio
import socket
import struct
from collections.abc import Coroutine
from dataclasses import InitVar, dataclass, field
from time import monotonic
from typing import Any, Final

from service.errors import Code, FetchFailed
from service.inspection.body import BodyReader
from service.inspection.deadline import Bucket, Deadline, Limit, Timeouts
from service.inspection.readiness import FAILED, READABLE, WRITABLE, Network
from service.inspection.transport import Secured, Security, Transport, begin_connecting, connect_failure, told
from service.inspection.wire import HeadLimits, HeadReader, ResponseHead, read_whole_head
from workers.model import Stage

RECEIVE_BYTES: Final = 16 * 1024  # a usual head in one read; TLS records are no longer either
_NO_HEAD: Final[ResponseHead] = (0, b"")
_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)  # SO_LINGER, 0 s


@dataclass(slots=True, eq=False)
class Stream:
    """One TCP connection, for one task at a time. An expected failure is raised as FetchFailed by whoever
    waits next; `close` is idempotent. Moments (`…_at_s`) are on the monotonic clock.

    Making one begins to connect. Raises FetchFailed where that fails at once, Shortage where there is no
    room for it.
    """

    _network: Network
    address: InitVar[str]
    port: InitVar[int]
    _deadline: Deadline
    _timeouts: Timeouts
    peer: str = field(init=False)
    fd: int = field(init=False)
    stage: Stage = field(init=False, default="connect")
    wants: int = field(init=False, default=WRITABLE)
    began_at_s: float = field(init=False)
    connected_at_s: float = field(init=False, default=0.0)
    ready_at_s: float = field(init=False, default=0.0)
    head: ResponseHead = field(init=False, default=_NO_HEAD)
    is_clean: bool = field(init=False, default=False)  # nothing came behind the head: ask it again
    secured: Secured | None = field(init=False, default=None)
    _socket: socket.SocketType = field(init=False)
    _transport: Transport = field(init=False)
    _security: Security | None = field(init=False, default=None)
    _unsent: bytes = field(init=False, default=b"")
    _limits: HeadLimits | None = field(init=False, default=None)  # set while a head is being read
    _reader: HeadReader | None = field(init=False, default=None)
    _body: BodyReader | None = field(init=False, default=None)
    _rest: bytes = field(init=False, default=b"")  # what came behind the head with it
    _error: Exception | None = field(init=False, default=None)
    _future: asyncio.Future[None] | None = field(init=False, default=None)
    _bucket: Bucket = field(init=False, default_factory=set)
    _armed_at_s: float = field(init=False, default=0.0)

    def __post_init__(self, address: str, port: int) -> None:
        self.began_at_s = monotonic()
        self.peer = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        self._socket = self._transport = begin_connecting(address, port, self.peer)
        self.fd = self._socket.fileno()
        self._network.readiness.watch(self)

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

    def read_head(self, limits: HeadLimits) -> Coroutine[Any, Any, ResponseHead]:
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
            self.connected_at_s = monotonic()
            if self._security is None:
                self._begin_exchange(self.connected_at_s)
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
            self._fail(limit.expired())
        else:
            self._arm()

    def _arm(self) -> None:
        self._bucket.discard(self)
        self._armed_at_s = self._limit().at_s
        self._bucket = self._network.deadlines.add(self, self._armed_at_s)

    def _limit(self) -> Limit:
        began_at_s = self.ready_at_s or self.connected_at_s or self.began_at_s
        return self._deadline.phase(self.stage, began_at_s, self._timeouts)

    async def _wait(self) -> ResponseHead:
        if self._error is None:  # it can have failed before anybody waited
            self._future = future = self._network.loop.create_future()
            if self.stage == "connect":  # as most do: `_arm`, at less cost
                self._armed_at_s = min(self._deadline.at_s, self.began_at_s + self._timeouts.connect_s)
                self._bucket = self._network.deadlines.add(self, self._armed_at_s)
            else:
                self._arm()
                if self.stage == "exchange":
                    self._receive()  # its edge may have passed
            try:
                await future
            finally:
                self._bucket.discard(self)
        if self._error is not None:
            raise self._error
        return self.head

    def _begin_tls(self) -> None:
        self.stage = "tls"
        if self.connected_at_s + self._timeouts.tls_s < self._armed_at_s:
            self._arm()
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
        if now_s + self._timeouts.response_s < self._armed_at_s:
            self._arm()
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
            if self._body.feed(data):
                self._end_wait()
            return
        head = None if self._reader else read_whole_head(data, limits)
        if head is None:
            self._reader = self._reader or HeadReader(limits)
            head = self._reader.feed(data)
        if head is not None:
            self.head = head
            self.is_clean = self._reader is None and len(data) == len(head[1])
            if not self.is_clean:
                self._rest = self._reader.rest if self._reader else data[len(head[1]) :]
            self._end_wait()

    def _break(self, error: OSError, doing: str) -> None:
        self._fail(FetchFailed(Code.CONNECTION_RESET, f"broken while {doing}: {told(error)}"))

    def _fail(self, error: Exception) -> None:
        self._error = error
        self._end_wait()

    def _end_wait(self) -> None:
        self._limits = None
        if self._future is not None and not self._future.done():
            self._future.set_result(None)
