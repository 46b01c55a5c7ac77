"""Connections that are used again: when, and that nothing is lost by it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from service.errors import FetchFailed
from service.inspection.chain import fetch_chain
from service.inspection.deadline import Deadline, Timeouts
from service.inspection.dispatch import read_entry
from service.inspection.fetch import Fetcher, FetchOptions
from service.inspection.idle import IDLE_LIMIT, IdleConnections, Origin
from service.inspection.readiness import Network
from service.inspection.stream import Stream
from service.inspection.wire import HeadLimits
from service.model import Target
from tests.service.inspection.servers import HELLO
from workers.model import Gathered

OPTIONS = FetchOptions(timeout_s=10)


class Server:
    """Answers each request of a connection in turn, and counts."""

    def __init__(self) -> None:
        self.port = 0
        self.connections = 0
        self.requests: list[bytes] = []
        self.pages: dict[bytes, bytes] = {}
        self.requests_a_connection = 100

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            for _ in range(self.requests_a_connection):
                head = await reader.readuntil(b"\r\n\r\n")
                self.requests.append(head)
                writer.write(self.pages.get(head.split()[1], HELLO))
                await writer.drain()
                if b"Connection: close" in head:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def serve() -> AsyncIterator[Server]:
    server = Server()
    listening = await asyncio.start_server(server.handle, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield server


async def fetch(fetcher: Fetcher, url: str) -> Gathered:
    return await fetch_chain(fetcher, read_entry(Target(1, url)), OPTIONS)


def await_host(fetcher: Fetcher, host: str) -> None:
    """As if more of its URLs had been put aside."""
    fetcher.hosts.hold(host, 60)
    fetcher.hosts.put_aside(host, lambda: None)


async def test_urls_of_one_host_that_wait_share_a_connection(fetcher: Fetcher) -> None:
    await_host(fetcher, "127.0.0.1")
    async with serve() as server:
        results = [await fetch(fetcher, f"http://127.0.0.1:{server.port}/{number}") for number in range(5)]
        assert [result.failure for result in results] == [None] * 5
        assert (server.connections, len(server.requests)) == (1, 5)
        fetcher.idle.close()
    first, second = results[0].exchanges[0], results[1].exchanges[0]
    assert first.address == second.address
    assert first.timing_ms.connect is not None
    assert (second.timing_ms.resolve, second.timing_ms.connect) == (None, None)


async def test_a_host_that_nothing_waits_for_is_told_that_it_was_the_last_request(fetcher: Fetcher) -> None:
    async with serve() as server:
        for number in range(3):
            await fetch(fetcher, f"http://127.0.0.1:{server.port}/{number}")
        assert server.connections == 3
    assert all(b"Connection: close" in request for request in server.requests)
    assert fetcher.idle.count == 0


@pytest.mark.parametrize(
    "odd",
    [
        HELLO.replace(b"1.1", b"1.0"),
        HELLO.replace(b"Server: test", b"Connection: close"),
        HELLO + b"a body that HEAD must not have",
    ],
    ids=["1.0", "close", "body"],
)
async def test_a_connection_that_may_not_stand_is_not_kept(fetcher: Fetcher, odd: bytes) -> None:
    await_host(fetcher, "127.0.0.1")
    async with serve() as server:
        server.pages[b"/"] = odd
        for _ in range(3):
            assert (await fetch(fetcher, f"http://127.0.0.1:{server.port}/")).failure is None
        assert server.connections == 3


async def test_a_connection_that_the_server_closed_meanwhile_costs_nothing(fetcher: Fetcher) -> None:
    await_host(fetcher, "127.0.0.1")
    async with serve() as server:
        server.requests_a_connection = 1
        for number in range(4):
            assert (await fetch(fetcher, f"http://127.0.0.1:{server.port}/{number}")).failure is None
            if number % 2:
                await asyncio.sleep(0.02)  # with and without the time to notice
        assert server.connections == 4
        fetcher.idle.close()


async def test_a_server_that_answers_once_and_holds_is_asked_so_only_once_more(
    fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.inspection.fetch.REUSE_PATIENCE_S", 0.05)
    await_host(fetcher, "127.0.0.1")
    requests = 0

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal requests
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HELLO)
        requests += 1
        with suppress(ConnectionError):
            requests += bool(await reader.read(1))
        writer.close()

    listening = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with listening:
        url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
        for _ in range(4):
            assert (await fetch(fetcher, url)).failure is None
        assert requests == 5
    assert fetcher.idle.count == 0


async def test_what_comes_late_and_unasked_is_nobody_s_answer(fetcher: Fetcher) -> None:
    await_host(fetcher, "127.0.0.1")

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HELLO)
        await writer.drain()
        await asyncio.sleep(0.02)
        writer.write(b"HTTP/1.1 404 Smuggled\r\n\r\n")
        await writer.drain()
        writer.close()

    listening = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with listening:
        url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
        for _ in range(2):
            (exchange,) = (await fetch(fetcher, url)).exchanges
            assert exchange.head == HELLO
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("pause_s", [0.0, 0.02], ids=["with the head", "behind it"])
async def test_who_says_more_than_was_asked_for_is_asked_once_a_connection(
    fetcher: Fetcher, pause_s: float
) -> None:
    await_host(fetcher, "127.0.0.1")
    requests_by_connection: list[int] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = len(requests_by_connection)
        requests_by_connection.append(0)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while await reader.readuntil(b"\r\n\r\n"):
                requests_by_connection[connection] += 1
                writer.write(HELLO)
                if connection == 0:  # later ones behave, and are not to be trusted all the same
                    await asyncio.sleep(pause_s)
                    writer.write(b"HTTP/1.1 404 Smuggled\r\n\r\n")
        writer.close()

    listening = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with listening:
        url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
        for _ in range(4):
            (exchange,) = (await fetch(fetcher, url)).exchanges
            assert exchange.head == HELLO
            await asyncio.sleep(0.05)
        assert requests_by_connection == [1, 1, 1, 1]
    assert fetcher.idle.count == 0


async def test_no_more_are_kept_than_the_bound_and_none_for_long(network: Network) -> None:
    async with serve() as server:
        idle = IdleConnections(network.deadlines)
        streams = []
        for number in range(3):
            stream = Stream(network, "127.0.0.1", server.port, Deadline.after(10), Timeouts())
            stream.write(b"HEAD / HTTP/1.1\r\n\r\n")
            await stream.read_head(HeadLimits())
            streams.append(stream)
            idle.keep(("http", f"host{number}", 80, True), stream)
        assert idle.count == 3 < IDLE_LIMIT
        origin: Origin = ("http", "host1", 80, True)
        assert idle.take(origin) is streams[1]
        assert idle.take(origin) is None
        streams[1].close()
        idle.close()
        assert (idle.count, [stream.fd for stream in streams]) == (0, [-1, -1, -1])


async def test_a_stream_that_is_asked_again_fails_as_a_new_one_would(network: Network) -> None:
    async with serve() as server:
        server.requests_a_connection = 1
        stream = Stream(network, "127.0.0.1", server.port, Deadline.after(10), Timeouts())
        stream.write(b"HEAD / HTTP/1.1\r\n\r\n")
        await stream.read_head(HeadLimits())
        stream.renew(Deadline.after(10), Timeouts())
        stream.write(b"HEAD / HTTP/1.1\r\n\r\n")
        with pytest.raises(FetchFailed):
            await stream.read_head(HeadLimits())
        stream.close()
