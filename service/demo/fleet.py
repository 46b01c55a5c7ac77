"""Serves the sites, and lists the URLs that lead to them, to what is not there, and astray."""

import asyncio
import socket
import ssl
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from service.demo.certificates import make_certificates
from service.demo.names import ABSENT, ADDRESS, DOMAIN, open_name_server
from service.demo.sites import NOT_HTTP, SITES

REPEATS: Final = 12  # of the ordinary sites: waiting for many slow servers is what takes no time here
BACKLOG: Final = 1_024
READ_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True)
class Fleet:
    """The list to inspect, and what it takes to do so: the authority to trust, the name server to ask."""

    urls: tuple[str, ...]
    ca_file: Path
    resolver: str


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the sites are served; 0 is any free port. Nobody vouches for `untrusted`'s certificate."""

    http: int = 0
    https: int = 0
    untrusted: int = 0


@dataclass(frozen=True, slots=True)
class Sites:
    """Sites that are served: on which ports, and the PEM file of their authority, which goes with them."""

    ports: Ports
    authority: Path


@asynccontextmanager
async def open_fleet() -> AsyncIterator[Fleet]:
    """Serve for the block's time, on free ports."""
    async with AsyncExitStack() as stack:
        sites = await stack.enter_async_context(serve_sites(ADDRESS, Ports()))
        closed = stack.enter_context(socket.socket())
        closed.bind((ADDRESS, 0))  # bound and not listening: nobody else can take the port meanwhile
        resolver = await stack.enter_async_context(open_name_server())
        urls = _list_urls(sites.ports, closed.getsockname()[1])
        yield Fleet(tuple(urls), sites.authority, resolver)


@asynccontextmanager
async def serve_sites(address: str, ports: Ports) -> AsyncIterator[Sites]:
    """Serve the sites for the block's time. Raises OSError where a port cannot be had."""
    async with AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="masthead-demo-")))
        certificates = make_certificates(directory, f"*.{DOMAIN}")
        server = _Server(address)
        stack.push_async_callback(server.close)
        server.ports = Ports(
            await server.listen(ports.http, None),
            await server.listen(ports.https, certificates.trusted),
            await server.listen(ports.untrusted, certificates.untrusted),
        )
        yield Sites(server.ports, certificates.authority)


class _Server:
    """Answers for every site, by the name in Host, on as many ports as are asked for."""

    def __init__(self, address: str) -> None:
        self.ports = Ports()
        self._address = address
        self._servers: list[asyncio.Server] = []
        self._writers: set[asyncio.StreamWriter] = set()

    async def listen(self, port: int, tls: ssl.SSLContext | None) -> int:
        server = await asyncio.start_server(self._handle, self._address, port, ssl=tls, backlog=BACKLOG)
        self._servers.append(server)
        bound: int = server.sockets[0].getsockname()[1]
        return bound

    async def close(self) -> None:
        for server in self._servers:
            server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        for server in self._servers:
            await server.wait_closed()

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            await self._answer(reader, writer)
        except (ConnectionError, KeyError):
            pass  # the client has gone, as one that has its head may; or it is not masthead
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Masthead's request is one small write: one read has it. A TLS greeting gets what nginx answers it.
        request = await reader.read(READ_BYTES)
        site = SITES[_site_name(request)] if request.endswith(b"\r\n\r\n") else NOT_HTTP
        if site.head is None:
            await reader.read(1)  # until the client gives up
            return
        if site.delay_s:
            await asyncio.sleep(site.delay_s)
        head = site.for_head if site.for_head and request.startswith(b"HEAD ") else site.head
        writer.write(self._with_ports(head))
        await writer.drain()

    def _with_ports(self, head: bytes) -> bytes:
        return head.replace(b"{https}", b"%d" % self.ports.https).replace(b"{http}", b"%d" % self.ports.http)


def _site_name(request: bytes) -> str:
    """The first label of Host."""
    for line in request.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"host":
            return value.strip().split(b".")[0].decode("latin-1")
    return ""


def _list_urls(ports: Ports, closed: int) -> list[str]:
    def http(site: str) -> str:
        return f"http://{site}.{DOMAIN}:{ports.http}/"

    def https(site: str) -> str:
        return f"https://{site}.{DOMAIN}:{ports.https}/"

    ordinary = [
        url
        for number in range(REPEATS)
        for url in (
            https("good") + f"?page={number}",
            https("middling") + f"?page={number}",
            http("poor") + f"?page={number}",
            https("slow") + f"?page={number}",
        )
    ]
    peculiar = [
        https("poor"),
        http("entry"),
        http("moved"),
        https("old"),
        https("broken"),
        http("odd"),
        f"odd.{DOMAIN}:{ports.http}/a-bare-host-is-https-first",
    ]
    failing = [
        http("loop"),
        http("lost"),
        http("silent"),
        http("hangup"),
        http("garbled"),
        f"https://self-signed.{DOMAIN}:{ports.untrusted}/",
        f"https://good.{DOMAIN}:{ports.http}/",
        f"http://closed.{DOMAIN}:{closed}/",
        f"https://{ABSENT}/",
        "http://10.0.0.1/",
        "http://0x7f.1:25/",
        "http://[::1",
        "ftp://files.example/",
    ]
    return ordinary + peculiar + failing
