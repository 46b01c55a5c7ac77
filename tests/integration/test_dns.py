"""Names: what a resolver says, and what it leaves unsaid, becomes addresses or the right code, asked once."""

import asyncio
import socket
from time import monotonic
from typing import Any

import pytest

from tests.integration.broken_server import BrokenServer, says, serve
from tests.integration.inspecting import inspect, inspect_one, one_inspector
from tests.integration.name_server import REFUSED, SERVFAIL, NameServer, Reply, answering, hosts
from tests.integration.ports import free_port
from tests.service.inspection.shortage import no_descriptors
from workers.model import Record

OK = says(b"HTTP/1.1 200 OK\r\n\r\n")


async def fetch_by_name(name: str, names: NameServer, **settings: Any) -> tuple[Record, BrokenServer]:
    async with serve({"": OK}) as server:
        record = await inspect_one(f"http://{name}.test:{server.port}/", resolver=names.resolver, **settings)
    return record, server


def code_of(record: Record) -> tuple[str, str]:
    assert record.error is not None
    return record.error.code, record.error.stage


async def test_a_name_is_resolved_and_its_address_recorded() -> None:
    async with answering(one=hosts("127.0.0.1")) as names:
        record, server = await fetch_by_name("one", names)
    assert record.outcome == "ok"
    assert record.hops[0].address == f"127.0.0.1:{server.port}"
    assert f"Host: one.test:{server.port}\r\n".encode() in server.heads[0]


async def test_a_chain_of_aliases_is_followed() -> None:
    chain = Reply((("CNAME", "middle.test"), ("CNAME", "end.test"), ("A", "127.0.0.1")))
    async with answering(one=chain) as names:
        record, _ = await fetch_by_name("one", names)
    assert record.outcome == "ok"


async def test_the_case_of_a_name_does_not_matter() -> None:
    async with answering(one=hosts("127.0.0.1")) as names:
        record, _ = await fetch_by_name("ONE", names)
    assert record.outcome == "ok"
    assert record.url is not None
    assert "one.test" in record.url


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        pytest.param(None, "dns_not_found", id="nxdomain"),
        pytest.param(Reply(), "dns_not_found", id="no-address"),
        pytest.param(Reply((("CNAME", "nowhere.test"),)), "dns_not_found", id="alias-to-nothing"),
        pytest.param(Reply(code=SERVFAIL), "dns_failed", id="servfail"),
        pytest.param(Reply(code=REFUSED), "dns_failed", id="refused"),
    ],
)
async def test_what_a_resolver_answers_has_its_code(reply: Reply | None, code: str) -> None:
    async with answering(**({"one": reply} if reply else {})) as names:
        record, server = await fetch_by_name("one", names)
    assert code_of(record) == (code, "resolve")
    assert server.seen == 0


async def test_names_wait_while_this_machine_has_no_room_to_ask_for_them() -> None:
    async with (
        answering(one=hosts("127.0.0.1")) as names,
        serve({"": OK}) as server,
        one_inspector(resolver=names.resolver) as inspect_more,
    ):
        with no_descriptors():
            asking = asyncio.create_task(inspect_more(*[f"http://one.test:{server.port}/"] * 20))
            await asyncio.sleep(0.2)  # not to pass: meanwhile nothing can be asked
            assert not asking.done()
        assert {record.outcome for record in await asking} == {"ok"}


async def test_a_silent_resolver_is_a_dns_timeout_in_time() -> None:
    async with answering(one=Reply(silent=True)) as names:
        began = monotonic()
        record, _ = await fetch_by_name("one", names, dns_timeout=0.6)
    assert code_of(record) == ("dns_timeout", "resolve")
    assert monotonic() - began < 1.6


async def test_a_silent_resolver_beyond_the_whole_deadline_is_that_deadline() -> None:
    async with answering(one=Reply(silent=True)) as names:
        began = monotonic()
        record, _ = await fetch_by_name("one", names, timeout=0.4)
    assert code_of(record) == ("deadline_exceeded", "resolve")
    assert monotonic() - began < 1.4


async def test_a_port_without_a_resolver_fails_before_its_timeout() -> None:
    began = monotonic()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    record = await inspect_one("http://one.test/", resolver=f"127.0.0.1:{port}", dns_timeout=3.0)
    assert code_of(record) in {("dns_failed", "resolve"), ("dns_timeout", "resolve")}
    assert monotonic() - began < 4.0


@pytest.mark.parametrize(
    "addresses",
    [
        pytest.param(("127.0.0.1", "10.0.0.1"), id="private-last"),
        pytest.param(("10.0.0.1", "127.0.0.1"), id="private-first"),
        pytest.param(("169.254.169.254",), id="metadata"),
        pytest.param(("0.0.0.1",), id="this-network"),
        pytest.param(("::ffff:10.0.0.1",), id="mapped"),
    ],
)
async def test_a_name_with_an_address_that_is_refused_is_not_connected_to(addresses: tuple[str, ...]) -> None:
    async with answering(one=hosts(*addresses)) as names:
        record, server = await fetch_by_name("one", names)
    assert code_of(record) == ("blocked_address", "policy")
    assert server.seen == 0


async def test_a_redirect_to_a_name_with_a_private_address_is_refused() -> None:
    async with answering(one=hosts("127.0.0.1"), two=hosts("192.168.0.1")) as names:
        there = says(b"HTTP/1.1 302 Found\r\nLocation: http://two.test/\r\n\r\n")
        async with serve({"": there}) as server:
            record = await inspect_one(f"http://one.test:{server.port}/", resolver=names.resolver)
    assert code_of(record) == ("blocked_address", "policy")
    assert [hop.status for hop in record.hops] == [302]


async def test_equal_questions_under_way_are_asked_once() -> None:
    async with answering(one=hosts("127.0.0.1")) as names, serve({"": OK}) as server:
        names.held = asyncio.Event()
        urls = [f"http://one.test:{server.port}/?{number}" for number in range(20)]
        async with asyncio.TaskGroup() as group:
            fetched = group.create_task(inspect(*urls, resolver=names.resolver, concurrency=20))
            group.create_task(_release(names))
    assert [record.outcome for record in fetched.result()] == ["ok"] * 20
    assert sorted(names.asked) == sorted(set(names.asked))
    assert ("one.test", "A") in names.asked


async def test_an_answer_serves_until_its_ttl_ends() -> None:
    async with answering(one=hosts("127.0.0.1")) as names, serve({"": OK}) as server:
        urls = [f"http://one.test:{server.port}/?{number}" for number in range(5)]
        records = await inspect(*urls, resolver=names.resolver, concurrency=1)
    assert [record.outcome for record in records] == ["ok"] * 5
    assert names.asked.count(("one.test", "A")) == 1


async def test_that_a_name_is_not_there_is_asked_once() -> None:
    async with answering() as names:
        urls = [f"http://none.test/?{number}" for number in range(5)]
        records = await inspect(*urls, resolver=names.resolver, concurrency=1)
    assert [code_of(record) for record in records] == [("dns_not_found", "resolve")] * 5
    assert names.asked.count(("none.test", "A")) == 1


async def test_hosts_that_need_no_question_get_none() -> None:
    async with answering() as names, serve({"": OK}) as server:
        records = await inspect(
            f"http://127.0.0.1:{server.port}/",
            f"http://0x7f.1:{server.port}/",
            f"http://any.localhost:{server.port}/",
            resolver=names.resolver,
        )
    assert [record.outcome for record in records] == ["ok"] * 3
    assert names.asked == []


async def test_a_name_with_ipv6_alone_is_reached_by_it() -> None:
    async with answering(six=hosts("::1")) as names:
        port = free_port()
        try:
            listener = await asyncio.start_server(_answer, "::1", port)
        except OSError:
            pytest.skip("this machine's loopback has no IPv6")
        async with listener:
            record = await inspect_one(f"http://six.test:{port}/", resolver=names.resolver)
    assert record.outcome == "ok", record.error
    assert record.hops[0].address == f"[::1]:{port}"


async def test_a_url_that_ends_while_its_name_is_asked_for_spoils_it_for_no_other() -> None:
    """The first URL's deadline ends before the resolver answers; the second, with more time, gets it."""
    async with answering(one=hosts("127.0.0.1")) as names, serve({"": OK}) as server:
        names.held = asyncio.Event()
        url = f"http://one.test:{server.port}/"
        async with one_inspector(resolver=names.resolver) as inspect_more, asyncio.TaskGroup() as group:
            second = group.create_task(inspect_more(url))
            (first,) = await inspect_more(url, timeout=0.2)
            names.held.set()
    assert code_of(first) == ("deadline_exceeded", "resolve")
    assert [record.outcome for record in second.result()] == ["ok"]
    assert names.asked.count(("one.test", "A")) == 1


async def _release(names: NameServer) -> None:
    """Let the resolver answer once it has been asked, and the loop has gone round for the other URLs."""
    assert names.held is not None
    while not names.asked:
        await asyncio.sleep(0)
    for _ in range(100):
        await asyncio.sleep(0)
    names.held.set()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    await writer.drain()
    writer.close()
