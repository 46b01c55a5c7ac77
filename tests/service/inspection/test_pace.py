"""Politeness towards one host, while others go on."""

import asyncio
from itertools import pairwise
from time import monotonic

import pytest

from service.inspection.pace import Pace


def new_pace(at_once: int = 2, gap_s: float = 0.0) -> Pace:
    return Pace(asyncio.get_running_loop(), at_once, gap_s)


async def test_a_host_gets_no_more_turns_at_once_than_it_may_have() -> None:
    pace = new_pace(at_once=2)
    assert [pace.enter("a"), pace.enter("a"), pace.enter("a")] == [True, True, False]
    assert pace.enter("b")
    pace.leave("a")
    assert pace.enter("a")


async def test_turns_of_a_host_begin_with_a_gap_between_them() -> None:
    pace = new_pace(at_once=9, gap_s=0.05)
    began: list[float] = []
    for _ in range(4):
        await pace.wait("a")
        began.append(monotonic())
    assert all(later - earlier >= 0.049 for earlier, later in pairwise(began))


async def test_what_was_put_aside_comes_first_and_in_order() -> None:
    pace = new_pace(at_once=1)
    told: list[str] = []
    assert pace.enter("a")
    for name in ("one", "two"):
        pace.put_aside("a", lambda name=name: told.append(name))  # type: ignore[misc]  # a default binds it
    pace.leave("a")
    assert not pace.enter("a")
    await asyncio.sleep(0.01)
    assert told == ["one"]
    pace.leave("a")
    await asyncio.sleep(0.01)
    assert told == ["one", "two"]


async def test_a_held_host_waits_and_others_do_not() -> None:
    pace = new_pace()
    pace.hold("a", 0.1)
    began = monotonic()
    assert not pace.enter("a")
    assert pace.enter("b")
    await pace.wait("a")
    assert monotonic() - began >= 0.1


@pytest.mark.parametrize("turns", range(5))
async def test_cancelling_a_wait_loses_no_turn(turns: int) -> None:
    pace = new_pace(at_once=1)
    assert pace.enter("a")
    waiting = asyncio.create_task(pace.wait("a"))
    await asyncio.sleep(0)
    pace.leave("a")
    for _ in range(turns):
        await asyncio.sleep(0)
    waiting.cancel()
    (result,) = await asyncio.gather(waiting, return_exceptions=True)
    if result is None:  # it was too late
        pace.leave("a")
    async with asyncio.timeout(5):
        await pace.wait("a")


async def test_hosts_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.inspection.pace.SWEEP_S", 0.0)
    pace = new_pace()
    for number in range(100):
        assert pace.enter(f"host{number}")
        pace.leave(f"host{number}")
    assert len(pace._hosts) <= 2
