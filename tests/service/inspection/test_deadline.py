"""Deadlines: `wait_for`'s meaning, without its timers."""

import asyncio
from collections.abc import AsyncIterator
from time import monotonic

import pytest

from service.errors import Code, FetchFailed
from service.inspection.deadline import TICK_S, Deadline, Deadlines, Limit, Timeouts


def limit_in(seconds: float) -> Limit:
    return Limit(monotonic() + seconds, Code.RESPONSE_TIMEOUT, "exchange", 5.0)


@pytest.fixture
async def deadlines() -> AsyncIterator[Deadlines]:
    deadlines = Deadlines(asyncio.get_running_loop())
    yield deadlines
    deadlines.close()


async def test_a_result_in_time_is_returned(deadlines: Deadlines) -> None:
    future = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(future.set_result, 42)
    assert await deadlines.wait(future, limit_in(5)) == 42


async def test_a_limit_that_passes_raises_its_failure_about_then(deadlines: Deadlines) -> None:
    future = asyncio.get_running_loop().create_future()
    began = monotonic()
    with pytest.raises(FetchFailed, match="within 5 s") as caught:
        await deadlines.wait(future, limit_in(0.05))
    assert caught.value.failure.code == "response_timeout"
    assert 0.05 <= monotonic() - began < 0.05 + TICK_S + 1.0


async def test_a_limit_in_the_past_expires_at_once(deadlines: Deadlines) -> None:
    with pytest.raises(FetchFailed):
        await deadlines.wait(asyncio.get_running_loop().create_future(), limit_in(-1))


async def test_limits_expire_in_their_order_whatever_the_order_of_waiting(deadlines: Deadlines) -> None:
    ended: list[float] = []

    async def wait(seconds: float) -> None:
        with pytest.raises(FetchFailed):
            await deadlines.wait(asyncio.get_running_loop().create_future(), limit_in(seconds))
        ended.append(seconds)

    await asyncio.gather(*(wait(seconds) for seconds in (0.15, 0.05, 0.1)))
    assert ended == [0.05, 0.1, 0.15]


async def test_cancelling_a_wait_takes_it_out(deadlines: Deadlines) -> None:
    future = asyncio.get_running_loop().create_future()
    waiting = asyncio.create_task(deadlines.wait(future, limit_in(60)))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert future.cancelled()
    assert not any(deadlines._buckets.values())


def test_a_phase_ends_at_its_own_limit_or_the_url_s_whichever_is_first() -> None:
    deadline = Deadline.after(10)
    own = deadline.phase("connect", monotonic(), Timeouts(connect_s=5))
    whole = deadline.phase("connect", monotonic(), Timeouts(connect_s=60))
    assert (own.code, own.stage) == (Code.CONNECT_TIMEOUT, "connect")
    assert (whole.code, whole.stage, whole.at_s) == (Code.DEADLINE_EXCEEDED, "connect", deadline.at_s)
