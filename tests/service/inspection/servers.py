"""Small real servers for the tests of the inspection: each answers a connection by a function."""

import asyncio
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

Answer = Callable[[bytes, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

BACKLOG = 4_096  # a connection that a full queue refuses is only tried again after a second
HELLO = b"HTTP/1.1 200 OK\r\nServer: test\r\nContent-Length: 0\r\n\r\n"
ACCEPTING_TURNS = 6  # of the loop, from accepting a connection to its handler's first step


class Halting:
    """A site that answers `/quick…` at once, and others when it is told to."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.waiting = asyncio.Event()

    async def __call__(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if b"/quick" not in head:
            self.waiting.set()
            await self.go.wait()
        writer.write(HELLO)
        await writer.drain()


@asynccontextmanager
async def serve(
    answer: Answer | bytes,
    host: str = "127.0.0.1",
    *,
    port: int = 0,
    hasty: bool = False,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[int]:
    """Listen on `port` of `host` (0: a free one) for the block's time; yields the port.

    `answer` gets the request's head, or with `hasty` the first bytes whatever they are; bytes are sent as
    they are. Connections still open at the end are aborted.
    """
    writers: set[asyncio.StreamWriter] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.add(writer)
        try:
            head = await (reader.read(65_536) if hasty else reader.readuntil(b"\r\n\r\n"))
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
            else:
                await answer(head, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writers.discard(writer)
            writer.close()

    server = await asyncio.start_server(handle, host, port, ssl=tls, backlog=BACKLOG)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        for _ in range(ACCEPTING_TURNS):  # a quick client can have left before its handler begins
            await asyncio.sleep(0)
        server.close()
        for writer in list(writers):
            writer.transport.abort()
        await server.wait_closed()


def respond(*heads: bytes) -> Answer:
    """Answers the first request with the first head, the second with the second, the last ever after."""
    remaining = list(heads)

    async def answer(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(remaining.pop(0) if len(remaining) > 1 else remaining[0])
        await writer.drain()

    return answer


@asynccontextmanager
async def serve_elsewhere() -> AsyncIterator[int]:
    """HELLO from a process of its own, whose descriptors are not this one's; yields the port."""
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        yield int(await server.stdout.readline())
    finally:
        server.stdin.close()
        await server.wait()


async def _serve_until_let_go() -> None:
    async with serve(HELLO) as port:
        print(port, flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve_until_let_go())
