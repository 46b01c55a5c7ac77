"""A server that does wrong on purpose: each path of it is one way of being broken.

A behaviour writes what it likes and may return, whereupon the connection is closed. What is before HTTP
(nothing, a reset, bytes that are no TLS) is done per connection, by `at_connection`. The server knows which
connections are open, so that a test can tell that the client has let go of them all.
"""

import asyncio
import re
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

DRIP_S = 0.03  # between two bytes of a slow head: well under any limit on a single read
ENDLESS = b"x" * 65_536

Behaviour = Callable[["Peer"], Awaitable[None]]


@dataclass(slots=True)
class Peer:
    """One client's connection, as a behaviour sees it; `method` and `target` are what it asked for."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    method: str = ""
    target: str = ""
    head: bytes = b""

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def hold(self) -> None:
        """Say no more until the client goes away."""
        await self.reader.read()

    def reset(self) -> None:
        """Close with RST: lingering for 0 seconds throws away what was not sent."""
        connection: socket.socket = self.writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


@dataclass(slots=True)
class BrokenServer:
    """`port` is its own; `requests` lists what was asked, in order; `seen` counts connections."""

    port: int
    requests: list[str] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)
    seen: int = 0
    open: set[asyncio.Task[None]] = field(default_factory=set)

    async def all_gone(self, within_s: float = 2.0) -> None:
        """Returns once the client has let go of every connection."""
        if self.open:
            _, left = await asyncio.wait(set(self.open), timeout=within_s)
            assert not left, f"{len(left)} connections are still open"


@asynccontextmanager
async def serve(
    behaviours: dict[str, Behaviour], tls: ssl.SSLContext | None = None
) -> AsyncIterator[BrokenServer]:
    """Serve each path by its behaviour, on a free port of 127.0.0.1."""

    async def answer(server: BrokenServer, peer: Peer) -> None:
        peer.head = await peer.reader.readuntil(b"\r\n\r\n")
        peer.method, peer.target, _ = peer.head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        server.requests.append(f"{peer.method} {peer.target}")
        server.heads.append(peer.head)
        path = re.split("[/?]", peer.target.lstrip("/"), maxsplit=1)[0]
        await behaviours[path](peer)

    async with _listen(answer, tls) as server:
        yield server


@asynccontextmanager
async def at_connection(behaviour: Behaviour) -> AsyncIterator[BrokenServer]:
    """Treat each connection by one behaviour, before a byte of it has been read."""

    async def answer(_: BrokenServer, peer: Peer) -> None:
        await behaviour(peer)

    async with _listen(answer, None) as server:
        yield server


@asynccontextmanager
async def _listen(
    answer: Callable[[BrokenServer, Peer], Awaitable[None]], tls: ssl.SSLContext | None
) -> AsyncIterator[BrokenServer]:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        server.open.add(task)
        server.seen += 1
        try:
            await answer(server, Peer(reader, writer))
        except (OSError, asyncio.IncompleteReadError, ssl.SSLError):
            pass  # the client went away first, as it may
        finally:
            writer.transport.abort() if writer.transport.is_closing() else writer.close()
            server.open.discard(task)

    listener = await asyncio.start_server(
        connected, "127.0.0.1", 0, ssl=tls, ssl_handshake_timeout=30 if tls else None
    )
    server = BrokenServer(listener.sockets[0].getsockname()[1])
    try:
        yield server
    finally:
        listener.close()
        for task in tuple(server.open):
            task.cancel()
        await asyncio.gather(*server.open, return_exceptions=True)


def says(*parts: bytes) -> Behaviour:
    """Send the parts, then close."""

    async def behave(peer: Peer) -> None:
        for part in parts:
            await peer.send(part)

    return behave


def says_and_holds(*parts: bytes) -> Behaviour:
    """Send the parts, then leave the connection open."""

    async def behave(peer: Peer) -> None:
        for part in parts:
            await peer.send(part)
        await peer.hold()

    return behave


def says_and_resets(data: bytes) -> Behaviour:
    async def behave(peer: Peer) -> None:
        await peer.send(data)
        peer.reset()

    return behave


def by_method(**behaviours: Behaviour) -> Behaviour:
    """`HEAD=…, GET=…`: each method gets its own behaviour."""

    async def behave(peer: Peer) -> None:
        await behaviours[peer.method](peer)

    return behave


async def drips(peer: Peer) -> None:
    """A head that comes a byte at a time and never ends."""
    await peer.send(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        await peer.send(b"x")
        await asyncio.sleep(DRIP_S)


async def never_ends(peer: Peer) -> None:
    """One header line without an end, as fast as it is taken."""
    await peer.send(b"HTTP/1.1 200 OK\r\nX-Endless: ")
    while True:
        await peer.send(ENDLESS)


async def resets(peer: Peer) -> None:
    peer.reset()


async def closes(_: Peer) -> None:
    """Say nothing at all."""


async def half_closes(peer: Peer) -> None:
    """Send FIN alone: to close with a request unread would send RST."""
    peer.writer.write_eof()
    await peer.hold()


async def holds(peer: Peer) -> None:
    await peer.hold()
