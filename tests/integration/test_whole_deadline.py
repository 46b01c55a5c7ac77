"""One URL's whole deadline: redirects, fallbacks and phases lie within it, and nothing outlives it."""

import asyncio
import ssl
from time import monotonic

import pytest

from tests.integration.authority import Authority
from tests.integration.broken_server import Behaviour, Peer, at_connection, closes, drips, holds, says, serve
from tests.integration.inspecting import inspect, inspect_one, one_inspector
from tests.integration.ports import silence

REDIRECT_S = 0.15
DEADLINE_S = 0.5
LATE_S = DEADLINE_S + 1.0


async def redirects_slowly(peer: Peer) -> None:
    await asyncio.sleep(REDIRECT_S)
    await says(b"HTTP/1.1 302 Found\r\nLocation: /again\r\n\r\n")(peer)


def after(delay_s: float, behaviour: Behaviour) -> Behaviour:
    async def behave(peer: Peer) -> None:
        await asyncio.sleep(delay_s)
        await behaviour(peer)

    return behave


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_slow_redirects_do_not_add_up_beyond_it(
    scheme: str, server_tls: ssl.SSLContext, authority: Authority
) -> None:
    async with serve({"again": redirects_slowly}, server_tls if scheme == "https" else None) as server:
        began = monotonic()
        record = await inspect_one(
            f"{scheme}://127.0.0.1:{server.port}/again", timeout=DEADLINE_S, ca_file=authority.file
        )
        took_s = monotonic() - began
        await server.all_gone()
    assert record.error is not None
    assert (record.error.code, record.error.stage) == ("deadline_exceeded", "exchange")
    assert record.hops, "what was seen before the end is kept"
    answered = [hop for hop in record.hops if hop.status is not None]  # the last was cut off
    assert len(answered) <= DEADLINE_S / REDIRECT_S
    assert DEADLINE_S <= took_s < LATE_S
    assert record.elapsed_ms >= DEADLINE_S * 1e3


async def test_the_get_after_a_head_has_what_is_left_of_it() -> None:
    async with serve({"": after(0.3, closes)}) as server:
        began = monotonic()
        record = await inspect_one(f"http://127.0.0.1:{server.port}/", timeout=DEADLINE_S)
        took_s = monotonic() - began
        await server.all_gone()
    assert server.requests == ["HEAD /", "GET /"]
    assert record.error is not None
    assert (record.error.code, record.error.stage) == ("deadline_exceeded", "exchange")
    assert took_s < LATE_S


@pytest.mark.parametrize("behaviour", [holds, drips], ids=["silent", "drips"])
async def test_it_ends_an_exchange_and_the_server_sees_the_connection_go(behaviour: Behaviour) -> None:
    async with serve({"": behaviour}) as server:
        record = await inspect_one(f"http://127.0.0.1:{server.port}/", timeout=DEADLINE_S)
        await server.all_gone()
    assert record.error is not None
    assert (record.error.code, record.error.stage) == ("deadline_exceeded", "exchange")


async def test_it_ends_a_handshake() -> None:
    async with at_connection(holds) as server:
        record = await inspect_one(f"https://127.0.0.1:{server.port}/", timeout=DEADLINE_S)
        await server.all_gone()
    assert record.error is not None
    assert (record.error.code, record.error.stage) == ("deadline_exceeded", "tls")


async def test_it_ends_connecting() -> None:
    with silence("127.0.0.1") as port:
        record = await inspect_one(f"http://127.0.0.1:{port}/", timeout=DEADLINE_S)
    assert record.error is not None
    assert (record.error.code, record.error.stage) == ("deadline_exceeded", "connect")


async def test_waiting_for_a_turn_is_not_in_it() -> None:
    """Four slow URLs, one at a time: together they take longer than one's deadline, and each is in time."""
    async with serve({"": after(0.2, says(b"HTTP/1.1 200 OK\r\n\r\n"))}) as server:
        urls = [f"http://127.0.0.1:{server.port}/?{number}" for number in range(4)]
        records = await inspect(*urls, timeout=DEADLINE_S, concurrency=1)
    assert [record.outcome for record in records] == ["ok"] * 4


async def test_one_that_stalls_holds_up_no_other() -> None:
    async with serve({"stalls": holds, "": says(b"HTTP/1.1 200 OK\r\n\r\n")}) as server:
        root = f"http://127.0.0.1:{server.port}/"
        records = await inspect(f"{root}stalls", *[root] * 20, timeout=DEADLINE_S, concurrency=4)
    assert [record.outcome for record in records] == ["error", *["ok"] * 20]
    assert max(record.elapsed_ms for record in records[1:]) < DEADLINE_S * 1e3


async def test_cancelling_a_run_lets_go_of_every_connection() -> None:
    async with serve({"": holds}) as server, one_inspector() as inspect_more:
        urls = [f"http://127.0.0.1:{server.port}/?{number}" for number in range(8)]
        run = asyncio.create_task(inspect_more(*urls))
        while len(server.requests) < len(urls):
            await asyncio.sleep(0)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
        await server.all_gone()
