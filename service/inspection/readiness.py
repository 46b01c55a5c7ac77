"""When sockets can be read or written: one epoll object for all of them, nested in the asyncio loop.

Each connection is registered in it once, edge-triggered, for both directions: one system call a connection
(measured: 74 µs a URL against 296 with asyncio's streams). Where there is no epoll, the loop's own readers
and writers serve.

What is of one kind is done together: all that has come is read, then the tasks that waited for it go on, and
at the end of the turn what they want to connect to is connected to. One such step behind the other finds its
code in the caches, the kernel's too, and a server on this machine awake (measured: 113 µs a URL against 144
for connecting alone).
"""

import asyncio
import select
from typing import Any, Final, Protocol

from service.inspection.deadline import Deadlines
from service.inspection.transport import Shortage, told

# As epoll names them; without epoll the numbers serve all the same.
READABLE: Final = 0x001
WRITABLE: Final = 0x004
FAILED: Final = 0x008 | 0x010  # EPOLLERR, EPOLLHUP
EDGES: Final = 0x80000000 | READABLE | WRITABLE  # EPOLLET
EVENTS_LIMIT: Final = 32  # a wake-up's share, some 2 ms of work: what else waits gets its turn between


class Watched(Protocol):
    """A socket's owner. After `wake` has returned, `wants` tells which direction it waits for."""

    fd: int
    wants: int

    def wake(self, events: int) -> bool:
        """The socket became ready, or failed. Must not raise. Returns whether `resume` is to be called."""

    def resume(self) -> None:
        """Let whoever waited for it go on."""


class Readiness(Protocol):
    def watch(self, watched: Watched) -> None:
        """Begin to watch, once connecting has begun. Raises Shortage."""

    def forget(self, watched: Watched) -> None:
        """Stop watching; called before the socket is closed."""

    def close(self) -> None: ...


class EpollReadiness:
    """Readiness by one edge-triggered epoll object."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._epoll = select.epoll()
        self._watched: dict[int, Watched] = {}
        loop.add_reader(self._epoll.fileno(), self._dispatch)

    def watch(self, watched: Watched) -> None:
        self._watched[watched.fd] = watched
        try:
            self._epoll.register(watched.fd, EDGES)
        except OSError as error:  # epoll's own limit, or memory
            raise Shortage(f"this machine had no room to watch a connection: {told(error)}") from error

    def forget(self, watched: Watched) -> None:
        # Closing the socket takes it out of the epoll object; only our own table needs care.
        self._watched.pop(watched.fd, None)

    def close(self) -> None:
        self._loop.remove_reader(self._epoll.fileno())
        self._epoll.close()

    def _dispatch(self) -> None:
        all_watched = self._watched
        over = []
        for fd, events in self._epoll.poll(0, EVENTS_LIMIT):
            watched = all_watched.get(fd)
            if watched is not None and watched.wake(events):  # None: it was closed since
                over.append(watched)
        for watched in over:
            watched.resume()


class LoopReadiness:
    """Readiness by the loop's own readers and writers, where the system has no epoll."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def watch(self, watched: Watched) -> None:
        if watched.wants == READABLE:
            self._loop.add_reader(watched.fd, self._ready, watched, self._loop.remove_reader)
        else:
            self._loop.add_writer(watched.fd, self._ready, watched, self._loop.remove_writer)

    def forget(self, watched: Watched) -> None:
        self._loop.remove_reader(watched.fd)
        self._loop.remove_writer(watched.fd)

    def close(self) -> None:
        pass

    def _ready(self, watched: Watched, remove: Any) -> None:
        remove(watched.fd)
        if watched.wake(READABLE | WRITABLE | FAILED):  # the loop does not tell a failure from readiness
            watched.resume()
        if watched.fd >= 0:
            self.watch(watched)


class Opening(Protocol):
    """A connection to be opened."""

    def open(self, *, is_near: bool) -> bool:
        """Begin to connect. Where `is_near`, those before it stood as soon as they had begun, as they do on
        this machine: it is worth a system call to try whether this one does. Returns what the next one is to
        be told. Must not raise."""


class Network:
    """What all connections of one loop share: readiness, deadlines, and the moment of their opening."""

    def __init__(self, loop: asyncio.AbstractEventLoop, readiness: Readiness | None = None) -> None:
        self.loop = loop
        self.deadlines = Deadlines(loop)
        if readiness is None:
            readiness = EpollReadiness(loop) if hasattr(select, "epoll") else LoopReadiness(loop)
        self.readiness = readiness
        self._opening: list[Opening] = []

    def open(self, opening: Opening) -> None:
        """Have it opened at the end of this turn of the loop, which bounds how many there are."""
        if not self._opening:
            self.loop.call_soon(self._open_all)
        self._opening.append(opening)

    def _open_all(self) -> None:
        all_opening, self._opening = self._opening, []
        is_near = True
        for opening in all_opening:
            is_near = opening.open(is_near=is_near)

    def close(self) -> None:
        self.readiness.close()
        self.deadlines.close()
