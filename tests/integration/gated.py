"""An origin whose answers to a list can be held back, so that a fault comes in the middle of a job."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.service.inspection.servers import HELLO, serve


class Gate:
    """`held` URLs are answered once it is open, `free` ones at once."""

    def __init__(self, port: int) -> None:
        self._base = f"http://127.0.0.1:{port}"
        self._opened = asyncio.Event()
        self.asked = asyncio.Event()  # for a URL that is held

    def open(self) -> None:
        self._opened.set()

    def urls(self, free: int, held: int) -> list[str]:
        free_urls = [f"{self._base}/free/{number}" for number in range(free)]
        return free_urls + [f"{self._base}/held/{number}" for number in range(held)]

    async def answer(self, head: bytes, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if b" /held/" in head:
            self.asked.set()
            await self._opened.wait()
        writer.write(HELLO)
        await writer.drain()


@asynccontextmanager
async def serve_gate() -> AsyncIterator[Gate]:
    gate: Gate | None = None

    async def answer(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert gate is not None
        await gate.answer(head, reader, writer)

    async with serve(answer) as port:
        gate = Gate(port)
        yield gate
