"""What stands between a client and a daemon in tests: it passes bytes on, with TLS towards the client if
told, and loses an answer if told."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

PIECE = 65_536


@dataclass(slots=True)
class Proxy:
    """`lose` are begins of requests whose answers are lost, each once: the daemon has done what they ask.
    `answered` is set once one has been passed on."""

    port: int
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    lose: list[bytes] = field(default_factory=list)
    url: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self.port)
        lost = asyncio.Event()
        ways = [
            asyncio.create_task(self._ask(reader, there_writer, lost), name="pass requests on"),
            asyncio.create_task(self._answer(there_reader, writer, lost), name="pass answers on"),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            writer.close()
            there_writer.close()

    async def _ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, lost: asyncio.Event
    ) -> None:
        while piece := await reader.read(PIECE):
            for begin in [begin for begin in self.lose if piece.startswith(begin)]:
                self.lose.remove(begin)
                lost.set()
            writer.write(piece)

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, lost: asyncio.Event
    ) -> None:
        with suppress(ConnectionError):
            while (piece := await reader.read(PIECE)) and not lost.is_set():
                writer.write(piece)
                await writer.drain()
                self.answered.set()


@asynccontextmanager
async def run_proxy(port: int, tls: ssl.SSLContext | None = None) -> AsyncIterator[Proxy]:
    proxy = Proxy(port)
    async with await asyncio.start_server(proxy.serve, "127.0.0.1", 0, ssl=tls) as server:
        scheme = "http" if tls is None else "https"
        proxy.url = f"{scheme}://localhost:{server.sockets[0].getsockname()[1]}"
        yield proxy
