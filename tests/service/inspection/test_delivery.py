"""The way of a run's records out: in turns of the loop, one at a time where there is no room, none lost."""

import asyncio
from collections.abc import Awaitable

import pytest

from service.inspection.delivery import Delivery
from service.telemetry.events import Event
from workers.model import Failure, Gathered, Verdict
from workers.record import record_only


def gathered(seq: int) -> Gathered:
    failure = Failure("connect_refused", "connect", "no")
    return Gathered(seq, f"{seq}.test", None, (), failure, 0.0, 0.0, 1)


class Sink:
    """Takes records; while `is_full`, whoever delivers is to wait for `room`."""

    def __init__(self) -> None:
        self.taken: list[int] = []
        self.is_full = False
        self.room = asyncio.Event()

    def deliver(self, verdict: Verdict) -> Awaitable[None] | None:
        self.taken.append(verdict.seq)
        return self._wait() if self.is_full else None

    async def _wait(self) -> None:
        await self.room.wait()


async def test_records_are_made_in_their_order_at_the_end_of_the_turn_and_told() -> None:
    sink, events = Sink(), list[Event]()
    delivery = Delivery(sink.deliver, None, events.append)
    assert [delivery.record(gathered(seq)) for seq in (1, 2, 3)] == [None, None, None]
    assert sink.taken == []
    await asyncio.sleep(0)
    assert (sink.taken, len(events)) == ([1, 2, 3], 3)
    await delivery.all_done()


async def test_without_room_the_next_record_waits_and_so_does_who_brings_more() -> None:
    sink = Sink()
    delivery = Delivery(sink.deliver, None, lambda _: None)
    sink.is_full = True
    for seq in (1, 2):
        delivery.record(gathered(seq))
    await asyncio.sleep(0)
    assert sink.taken == [1]
    room = delivery.record(gathered(3))
    assert room is not None
    sink.is_full = False
    sink.room.set()
    await room
    assert sink.taken == [1, 2, 3]
    await delivery.all_done()


async def test_all_is_done_once_the_last_record_has_been_taken() -> None:
    sink = Sink()
    delivery = Delivery(sink.deliver, None, lambda _: None)
    sink.is_full = True
    for seq in (1, 2):
        delivery.record(gathered(seq))
    done = asyncio.create_task(delivery.all_done())
    await asyncio.sleep(0)
    assert not done.done()
    sink.is_full = False
    sink.room.set()
    await done
    assert sink.taken == [1, 2]


async def test_a_stop_records_what_there_is_room_for_and_tells_of_the_rest() -> None:
    sink, cut = Sink(), list[tuple[int, str]]()

    def tell(each: Gathered) -> None:
        assert each.failure is not None
        cut.append((each.seq, each.failure.code))

    delivery = Delivery(sink.deliver, tell, lambda _: None)
    delivery.expect(gathered(9))  # a worker has it
    sink.is_full = True
    for seq in (1, 2):
        delivery.record(gathered(seq))
    delivery.stop()
    await asyncio.sleep(0)
    assert (sink.taken, cut) == ([1], [(2, "cancelled"), (9, "cancelled")])


async def test_who_waits_for_room_and_is_cancelled_takes_it_from_nobody() -> None:
    sink = Sink()
    delivery = Delivery(sink.deliver, None, lambda _: None)
    sink.is_full = True
    delivery.record(gathered(1))
    await asyncio.sleep(0)

    async def bring() -> None:
        room = delivery.record(gathered(2))
        assert room is not None
        await room

    bringing = asyncio.create_task(bring())
    await asyncio.sleep(0)
    bringing.cancel()
    await asyncio.gather(bringing, return_exceptions=True)
    sink.is_full = False
    sink.room.set()
    await delivery.all_done()
    assert sink.taken == [1, 2]


async def test_a_record_that_cannot_be_made_ends_the_run_behind_all_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail_once(each: Gathered) -> Verdict:
        if each.seq == 1:
            raise ZeroDivisionError
        return record_only(each)

    monkeypatch.setattr("service.inspection.delivery.record_only", fail_once)
    sink = Sink()
    delivery = Delivery(sink.deliver, None, lambda _: None)
    for seq in (1, 2):
        delivery.record(gathered(seq))
    with pytest.raises(ZeroDivisionError):
        await delivery.all_done()
    assert sink.taken == [2]
