"""Several addresses for one name (RFC 8305): one that is dead costs a moment, not the connect timeout."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

import pytest

from tests.integration.broken_server import BrokenServer, says, serve
from tests.integration.inspecting import inspect_one
from tests.integration.name_server import answering, hosts
from tests.integration.ports import silence

OK = says(b"HTTP/1.1 200 OK\r\n\r\n")
DEAD, ALIVE = "127.0.0.2", "127.0.0.1"
CONNECT_TIMEOUT_S = 5.0
SOON_S = 1.5  # the head start of 0.25 s, and room for a loaded machine; far from the timeout


async def test_a_silent_first_address_costs_its_head_start_alone() -> None:
    async with serve({"": OK}) as server, answering(two=hosts(DEAD, ALIVE)) as names:
        with silence(DEAD, server.port):
            began = monotonic()
            record = await inspect_one(
                f"http://two.test:{server.port}/",
                resolver=names.resolver,
                connect_timeout=CONNECT_TIMEOUT_S,
            )
            took_s = monotonic() - began
    assert record.outcome == "ok", record.error
    assert record.hops[0].address == f"{ALIVE}:{server.port}"
    assert took_s < SOON_S


async def test_a_first_address_that_refuses_costs_next_to_nothing() -> None:
    async with serve({"": OK}) as server, answering(two=hosts(DEAD, ALIVE)) as names:
        record = await inspect_one(f"http://two.test:{server.port}/", resolver=names.resolver)
    assert record.outcome == "ok", record.error
    assert record.hops[0].address == f"{ALIVE}:{server.port}"
    assert record.hops[0].timing_ms.connect is not None
    assert record.hops[0].timing_ms.connect < 200


async def test_where_all_are_dead_the_failure_tells_of_each() -> None:
    async with serve({"": OK}) as server, answering(two=hosts("127.0.0.2", "127.0.0.3")) as names:
        record = await inspect_one(f"http://two.test:{server.port}/", resolver=names.resolver)
    assert record.error is not None
    assert (record.error.code, record.error.stage) == ("connect_refused", "connect")
    assert "127.0.0.2" in record.error.message
    assert "127.0.0.3" in record.error.message


async def test_where_all_are_silent_it_ends_with_the_connect_timeout() -> None:
    async with answering(two=hosts("127.0.0.2", "127.0.0.3")) as names:
        with silence("127.0.0.2") as port, silence("127.0.0.3", port):
            began = monotonic()
            record = await inspect_one(
                f"http://two.test:{port}/", resolver=names.resolver, connect_timeout=0.6
            )
            took_s = monotonic() - began
    assert record.error is not None
    assert (record.error.code, record.error.stage) == ("connect_timeout", "connect")
    assert took_s < 1.6


async def test_the_loser_of_the_race_is_let_go() -> None:
    """Both addresses answer: whichever connection is not used is closed at once."""
    async with _two_listeners() as (first, seconds), answering(two=hosts(ALIVE, DEAD)) as names:
        record = await inspect_one(f"http://two.test:{first.port}/", resolver=names.resolver)
        await first.all_gone()
        await asyncio.gather(*seconds)
    assert record.outcome == "ok"


async def test_a_name_of_both_families_is_reached_where_ipv6_is_dead() -> None:
    async with serve({"": OK}) as server, answering(both=hosts("::1", ALIVE)) as names:
        record = await inspect_one(f"http://both.test:{server.port}/", resolver=names.resolver)
    assert record.outcome == "ok", record.error
    assert record.hops[0].address == f"{ALIVE}:{server.port}"


@asynccontextmanager
async def _two_listeners() -> AsyncIterator[tuple[BrokenServer, list[asyncio.Task[None]]]]:
    """A server on ALIVE, and on the same port of DEAD a listener; each task ends as its client lets go."""
    ends: list[asyncio.Task[None]] = []

    async def taken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        ends.append(task)
        await reader.read()
        writer.close()

    async with serve({"": OK}) as server:
        try:
            listener = await asyncio.start_server(taken, DEAD, server.port)
        except OSError:
            pytest.skip(f"{DEAD} cannot be listened on")
        async with listener:
            yield server, ends
