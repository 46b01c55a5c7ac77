"""Daemons for tests: the real thing on a free port, and an origin server for it to look at."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp

from service.api.server import open_daemon
from service.api.traffic import Traffic
from service.settings import Settings
from tests.service.api.contract import hold_to_description

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n"


@dataclass(slots=True)
class Origin:
    """Answers each request with `HEAD`: for /slow once `release` is set, for /large with 200 KB more, for
    /to/… with a redirect."""

    url: str = ""
    requests: list[str] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    release: asyncio.Event = field(default_factory=asyncio.Event)
    abandoned: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            self.requests.append(request)
            if " /slow" in request:
                self.asked.set()
                await self._wait(reader)
            if " /to/" in request:
                writer.write(b"HTTP/1.1 302 Found\r\nLocation: /to/there\r\n\r\n")
            elif " /large" in request:
                writer.write(HEAD[:-2] + b"".join(b"X: %b\r\n" % (b"x" * 50_000) for _ in range(4)) + b"\r\n")
            else:
                writer.write(HEAD)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _wait(self, reader: asyncio.StreamReader) -> None:
        """Until released, or until the client has gone."""
        tasks = [asyncio.create_task(self.release.wait()), asyncio.create_task(reader.read(1))]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if tasks[1].done():
            self.abandoned.set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@dataclass(frozen=True, slots=True)
class Daemon:
    host: str
    port: int
    traffic: Traffic
    client: aiohttp.ClientSession

    async def ask(self, data: bytes) -> bytes:
        """Send raw bytes; everything that comes until the daemon closes."""
        async with asyncio.timeout(20):
            reader, writer = await asyncio.open_connection(self.host, self.port)
            writer.write(data)
            answer = await reader.read()
            writer.close()
            return answer


@asynccontextmanager
async def run_origin() -> AsyncIterator[Origin]:
    origin = Origin()
    server = await asyncio.start_server(origin.serve, "127.0.0.1", 0)
    origin.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield origin
        origin.release.set()


@asynccontextmanager
async def run_daemon(**changes: object) -> AsyncIterator[Daemon]:
    """A daemon that only records (quick to start) unless told, and may look at loopback."""
    values = {
        "listen": "127.0.0.1:0",
        "workers": 1,
        "checks": "none",
        "allow_net": ("127.0.0.0/8",),
        "resolver": "127.0.0.1:1",  # nothing listens there: names fail at once, on loopback
        "per_host": 1_000,  # the origin is one host, and needs no politeness
        "host_gap": 0,
    } | changes
    settings = Settings.model_validate(values)
    traffic = Traffic(settings.request_concurrency)
    async with open_daemon(settings, traffic) as addresses:
        host, _, port = addresses[0].rpartition(":")
        session = aiohttp.ClientSession(f"http://{addresses[0]}", trace_configs=[hold_to_description()])
        async with session as client:
            yield Daemon(host, int(port), traffic, client)
