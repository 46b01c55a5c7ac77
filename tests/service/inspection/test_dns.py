"""The name servers: what is lost is asked again, what is long comes by TCP, one serves for the other."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

import pytest

from service.inspection import dns
from service.inspection.answer import Answer
from service.inspection.dns import NameServers
from tests.service.inspection.dns_server import SILENT, Zone, serve_names
from tests.service.inspection.shortage import no_descriptors


@asynccontextmanager
async def asking(server: str, timeout_s: float = 2.0) -> AsyncIterator[NameServers]:
    servers = NameServers(asyncio.get_running_loop(), server, timeout_s)
    try:
        yield servers
    finally:
        await servers.close()


async def ask(servers: NameServers, name: str) -> Answer:
    told: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
    servers.ask(name, "A", told.set_result)
    return await asyncio.wait_for(told, 10)


def closed_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_a_lost_datagram_is_sent_again() -> None:
    zone = Zone({"a.test": ["192.0.2.1"]})
    zone.lost = 2
    async with serve_names(zone) as server, asking(server) as servers:
        assert (await ask(servers, "a.test")).addresses == ("192.0.2.1",)
    assert zone.asked["a.test"] == 3


async def test_an_answer_too_long_for_a_datagram_comes_by_tcp() -> None:
    addresses = [f"192.0.2.{number}" for number in range(100)]
    zone = Zone({"a.test": addresses})
    async with serve_names(zone) as server, asking(server) as servers:
        assert sorted((await ask(servers, "a.test")).addresses) == sorted(addresses)
    assert zone.by_tcp == 1


async def test_a_port_where_no_server_is_fails_at_once() -> None:
    async with asking(f"127.0.0.1:{closed_port()}", timeout_s=5.0) as servers:
        began = monotonic()
        answer = await ask(servers, "a.test")
    assert answer.failure == ("dns_failed", "a.test cannot be resolved: could not contact dns servers")
    assert monotonic() - began < 1


async def test_silence_ends_in_time_as_one() -> None:
    async with serve_names(Zone({"a.test": SILENT})) as server, asking(server, timeout_s=1.0) as servers:
        answer = await ask(servers, "a.test")
    assert answer.failure is not None
    assert answer.failure[0] == "dns_timeout"


@pytest.mark.parametrize("is_silent", [False, True])
async def test_where_the_first_server_is_down_the_second_answers(is_silent: bool) -> None:
    names = [f"{number}.test" for number in range(300)]
    first = Zone(dict.fromkeys(names, SILENT))
    second = Zone({name: ["192.0.2.1"] for name in names})
    async with serve_names(first) as silent, serve_names(second) as server:
        down = silent if is_silent else f"127.0.0.1:{closed_port()}"
        async with asking(f"{down},{server}") as servers:
            answers = await asyncio.gather(*(ask(servers, name) for name in names))
    assert {answer.addresses for answer in answers} == {("192.0.2.1",)}


async def test_the_shortest_ttl_within_bounds_counts() -> None:
    zone = Zone({"a.test": ["192.0.2.1"], "b.test": ["192.0.2.1"], "c.test": ["192.0.2.1"]})
    async with serve_names(zone) as server, asking(server) as servers:
        for name, ttl, kept_s in (("a.test", 0, 1), ("b.test", 60, 60), ("c.test", 90_000, 3_600)):
            zone.ttl = ttl
            until_s = (await ask(servers, name)).until_s
            assert kept_s - 1 < until_s - monotonic() <= kept_s


async def test_a_new_channel_forgets_and_the_old_one_ends_with_its_last_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """c-ares would keep "no address" for an hour, and every answer that it ever had."""
    monkeypatch.setattr(dns, "CHANNEL_QUERIES", 10)
    zone = Zone({"a.test": []})
    zone.held = {dns.KINDS["A"]}
    async with serve_names(zone) as server, asking(server) as servers:
        absent = [asyncio.create_task(ask(servers, "a.test"))]
        others = [asyncio.create_task(ask(servers, f"{number}.test")) for number in range(25)]
        async with asyncio.timeout(5):
            while len(zone.waiting) < 26:
                await asyncio.sleep(0.001)
        assert len(servers._channels) == 3
        zone.held.clear()
        zone.release()
        await asyncio.gather(*absent, *others)
        assert len(servers._channels) == 1
        zone.names["a.test"] = ["192.0.2.1"]
        assert (await ask(servers, "a.test")).addresses == ("192.0.2.1",)


async def test_answers_are_told_on_the_loop_s_own_thread() -> None:
    """aiodns would have c-ares run a thread of its own, at three times the cost."""
    thread = 0
    told = asyncio.Event()

    def tell(_: Answer) -> None:
        nonlocal thread
        thread = threading.get_ident()
        told.set()

    async with serve_names(Zone({"a.test": ["192.0.2.1"]})) as server, asking(server) as servers:
        servers.ask("a.test", "A", tell)
        await asyncio.wait_for(told.wait(), 10)
    assert thread == threading.get_ident()


@pytest.mark.parametrize("has_asked", [False, True])
async def test_a_shortage_of_ours_is_told_as_that_and_over_with_it(has_asked: bool) -> None:
    zone = Zone({"a.test": ["192.0.2.1"], "b.test": ["192.0.2.2"]})
    async with serve_names(zone) as server, asking(server) as servers:
        if has_asked:  # then there is a channel, without a socket to its server at times
            servers._channel = servers._open()
        with no_descriptors():
            answer = await ask(servers, "a.test")
            again = await ask(servers, "a.test")
        assert answer.failure == ("internal", "a.test could not be asked for: too many open files")
        assert again.failure == answer.failure
        assert answer.until_s <= monotonic()
        assert (await ask(servers, "a.test")).addresses == ("192.0.2.1",)


async def test_the_system_s_servers_are_not_looked_up_where_their_file_cannot_be_opened() -> None:
    """c-ares would ask this host in place of those that are named there."""
    servers = NameServers(asyncio.get_running_loop(), None, 2.0)
    with no_descriptors():
        answer = await ask(servers, "a.test")
    assert answer.failure is not None
    assert answer.failure[0] == "internal"
    assert servers._channel is None
    await servers.close()


async def test_after_closing_nothing_is_told() -> None:
    answers: list[Answer] = []
    async with serve_names(Zone({"a.test": SILENT})) as server:
        async with asking(server) as servers:
            servers.ask("a.test", "A", answers.append)
        await asyncio.sleep(0.05)
    assert not answers
