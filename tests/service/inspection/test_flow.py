"""The flow: each input has exactly one record, whatever happens to it."""

import asyncio
import json
import resource
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import fields, replace

from service.inspection.analyse import Analyst
from service.inspection.fetch import Fetcher, FetchOptions, Request
from service.inspection.flow import Inspector
from service.inspection.pace import Pace
from service.inspection.readiness import Network
from service.inspection.resolve import Resolver
from service.inspection.source import ListSource
from service.telemetry.events import Event, FetchCrashed, Fetched
from tests.integration.ports import silence
from tests.service.inspection.servers import HELLO, serve, serve_elsewhere
from tests.service.loops.running import stopped
from workers.model import Exchange, Gathered, Verdict

OPTIONS = FetchOptions(timeout_s=10)


@contextmanager
def descriptors_left(count: int) -> Iterator[None]:
    """No more than so many can be opened."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(int(entry.name) for entry in Path("/proc/self/fd").iterdir())
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1 + count, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
async def start(fetcher: Fetcher, events: list[Event]) -> AsyncIterator[Callable[..., Inspector]]:
    async with Analyst(1, events.append) as analyst:
        yield lambda fetcher=fetcher, concurrency=50: Inspector(fetcher, analyst, concurrency, events.append)


async def inspect(inspector: Inspector, urls: list[str], options: FetchOptions = OPTIONS) -> dict[int, Any]:
    records: list[Any] = []

    async def deliver(verdict: Verdict) -> None:
        records.append(json.loads(verdict.line))

    await inspector.run(ListSource(urls), options, deliver)
    assert len({record["seq"] for record in records}) == len(records) == len(urls)
    return {record["seq"]: record for record in records}


async def test_every_input_ends_as_one_record(start: Callable[..., Inspector]) -> None:
    async with serve(HELLO) as port:
        urls = [f"http://127.0.0.1:{port}/", "http://", "http://10.0.0.1/", "http://127.0.0.1:1/"] * 50
        records = await inspect(start(), urls)
    codes = [(records[seq]["error"] or {}).get("code") for seq in (1, 2, 3, 4)]
    assert codes == [None, "invalid_url", "blocked_address", "blocked_port"]
    assert records[1]["report"]["findings"]
    assert [records[seq]["input"] for seq in sorted(records)] == urls


async def test_an_empty_list_ends_at_once(start: Callable[..., Inspector]) -> None:
    assert await inspect(start(), []) == {}


async def test_no_more_than_the_concurrency_is_in_flight_over_all_lists(
    start: Callable[..., Inspector],
) -> None:
    at_once, highest = 0, 0
    inspector = start(concurrency=3)

    async def answer(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal at_once, highest
        at_once += 1
        highest = max(highest, inspector.inflight)
        for _number in range(10):
            await asyncio.sleep(0)
        writer.write(HELLO)
        at_once -= 1

    async with serve(answer) as port:
        urls = [f"http://127.0.0.1:{port}/"] * 10
        await asyncio.gather(inspect(inspector, urls), inspect(inspector, urls))
    assert highest == 3
    assert inspector.inflight == 0


async def test_a_bug_costs_one_url_its_report_and_is_told(
    start: Callable[..., Inspector], fetcher: Fetcher, events: list[Event]
) -> None:
    class Faulty(Fetcher):
        async def fetch(self, request: Request) -> tuple[int, Exchange]:
            if request.url.target == "/bug":
                raise ZeroDivisionError("a bug")
            return await super().fetch(request)

    faulty = Faulty(*(getattr(fetcher, field.name) for field in fields(fetcher)))
    async with serve(HELLO) as port:
        urls = [f"http://127.0.0.1:{port}/", f"http://127.0.0.1:{port}/bug"]
        records = await inspect(start(faulty), urls)
    assert (records[1]["outcome"], records[2]["error"]["code"]) == ("ok", "internal")
    assert [type(event.error) for event in events if isinstance(event, FetchCrashed)] == [ZeroDivisionError]


async def test_what_finds_no_descriptor_waits_for_one(start: Callable[..., Inspector]) -> None:
    """Fifty at once are wanted, twelve can be had."""
    async with serve_elsewhere() as port:
        with descriptors_left(12):
            records = await inspect(start(concurrency=50), [f"http://127.0.0.1:{port}/"] * 200)
    assert {record["outcome"] for record in records.values()} == {"ok"}


async def test_the_end_of_each_fetch_is_told(start: Callable[..., Inspector], events: list[Event]) -> None:
    async with serve(HELLO) as port:
        await inspect(start(), [f"http://127.0.0.1:{port}/", "http://"])
    fetched = [event.gathered for event in events if isinstance(event, Fetched)]
    assert sorted(gathered.seq for gathered in fetched) == [1, 2]


async def test_a_cancelled_run_leaves_no_fetch_behind(start: Callable[..., Inspector]) -> None:
    asked = asyncio.Event()

    async def keep_silent(_: bytes, reader: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        asked.set()
        await reader.read()

    inspector = start()
    async with serve(keep_silent) as port:
        running = asyncio.create_task(inspect(inspector, [f"http://127.0.0.1:{port}/"] * 5))
        await asked.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert inspector.inflight == 0
    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("inspect ")]


async def test_a_cancelled_run_tells_what_there_was_of_each_url_and_at_which_stage_it_was(
    network: Network, fetcher: Fetcher
) -> None:
    told: dict[str, Gathered] = {}
    asked, greeted, looked_up = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def answer(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if b"/ok" in head:
            writer.write(HELLO)
            return
        asked.set()
        await reader.read()

    async def hold(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read(1)  # a client's hello
        greeted.set()
        await reader.read()

    class SilentResolver(asyncio.DatagramProtocol):
        def datagram_received(self, *_: object) -> None:
            looked_up.set()

    silent, _ = await network.loop.create_datagram_endpoint(SilentResolver, ("127.0.0.1", 0))
    number = silent.get_extra_info("sockname")[1]
    resolver = Resolver(network, f"127.0.0.1:{number}", 5.0, {})
    async with (
        serve(answer) as port,
        await asyncio.start_server(hold, "127.0.0.1", 0) as holding,
        Analyst(1, lambda _: None) as analyst,
    ):
        worker = await asyncio.wrap_future(analyst._pool[0].started)
        with stopped(worker), silence("127.0.0.1") as unheard:
            tls_port = holding.sockets[0].getsockname()[1]
            stages = {
                "http://name.test/": "resolve",
                f"http://127.0.0.1:{unheard}/": "connect",
                f"https://127.0.0.1:{tls_port}/": "tls",
                f"http://127.0.0.1:{port}/held": "exchange",
                f"http://127.0.0.1:{port}/ok": "analyse",
            }
            events: list[Event] = []
            inspector = Inspector(replace(fetcher, resolver=resolver), analyst, 50, events.append)
            tell = lambda gathered: told.update({gathered.input: gathered})  # noqa: E731
            run = asyncio.create_task(inspector.run(ListSource(stages), OPTIONS, lambda _: None, tell))
            async with asyncio.timeout(30):
                for event in (asked, greeted, looked_up):
                    await event.wait()
                while not events:
                    await asyncio.sleep(0)
            run.cancel()
            with pytest.raises(asyncio.CancelledError):
                await run
    silent.close()
    await resolver.close()
    failures = {url: gathered.failure for url, gathered in told.items()}
    assert {url: failure and failure.stage for url, failure in failures.items()} == stages
    assert {failure and failure.code for failure in failures.values()} == {"cancelled"}
    connected = {url for url, gathered in told.items() if gathered.unanswered is not None}
    assert {stages[url] for url in connected} == {"tls", "exchange"}
    assert [len(gathered.exchanges) for gathered in told.values() if gathered.exchanges] == [1]


async def test_a_cancelled_run_leaves_its_hosts_to_others(
    start: Callable[..., Inspector], fetcher: Fetcher
) -> None:
    polite = replace(fetcher, hosts=Pace(asyncio.get_running_loop(), 1, 0.0))
    asked = asyncio.Event()

    async def keep_silent_once(_: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if asked.is_set():
            writer.write(HELLO)
            return
        asked.set()
        await reader.read()

    inspector = start(polite)
    async with serve(keep_silent_once) as port:
        urls = [f"http://127.0.0.1:{port}/"] * 5
        running = asyncio.create_task(inspect(inspector, urls))
        await asked.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        async with asyncio.timeout(10):
            assert len(await inspect(inspector, urls)) == 5


async def test_a_retry_has_the_given_headers_for_their_origin_and_for_no_other(
    start: Callable[..., Inspector],
) -> None:
    """The redirect leads to a server that asks for patience, so the whole chain is done again."""
    seen: list[bytes] = []
    there: list[bytes] = []

    async def lead_there(head: bytes, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(head)
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%d/\r\n\r\n" % other)

    async def ask_for_patience(head: bytes, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there.append(head)
        writer.write(HELLO if len(there) > 1 else b"HTTP/1.1 503 No\r\nRetry-After: 0\r\n\r\n")

    async with serve(ask_for_patience) as other, serve(lead_there) as port:
        options = replace(OPTIONS, fields=(("Authorization", "Bearer x"),))
        records = await inspect(start(), [f"http://127.0.0.1:{port}/"], options)
    assert (records[1]["status"], records[1]["attempts"]) == (200, 2)
    assert [b"Authorization: Bearer x\r\n" in head for head in seen] == [True, True]
    assert [b"Authorization" in head for head in there] == [False, False]
