"""The front of the pool: batches, bounds and delivery, with real worker processes."""

import asyncio
from collections.abc import Sequence

import pytest

from service.inspection.analyse import BATCH_LIMIT, HEAVY_LIMIT, LARGE_HEAD_BYTES, WAITING_BATCHES, Analyst
from service.telemetry.events import Event, Inspected
from tests.workers.gathered import gathered
from workers.model import Gathered, Verdict
from workers.pool import Worker


class Sink:
    def __init__(self) -> None:
        self.verdicts: list[Verdict] = []
        self.open = asyncio.Event()
        self.open.set()
        self.delivered = asyncio.Condition()

    async def __call__(self, verdict: Verdict) -> None:
        await self.open.wait()
        async with self.delivered:
            self.verdicts.append(verdict)
            self.delivered.notify_all()

    async def wait_for(self, count: int) -> list[int]:
        async with self.delivered:
            await self.delivered.wait_for(lambda: len(self.verdicts) >= count)
        return sorted(verdict.seq for verdict in self.verdicts)


async def put(analyst: Analyst, item: Gathered, sink: Sink) -> None:
    room = analyst.put(item, sink)
    if room is not None:
        await room


def ignore(_: Event) -> None:
    pass


async def test_a_lone_response_does_not_wait_for_a_full_batch() -> None:
    sink = Sink()
    async with Analyst(1, ignore) as analyst:
        await put(analyst, gathered(1), sink)
        assert await sink.wait_for(1) == [1]


async def test_each_response_of_many_is_delivered_once() -> None:
    sink = Sink()
    count = BATCH_LIMIT * 5 + 7
    async with Analyst(2, ignore) as analyst:
        for seq in range(1, count + 1):
            await put(analyst, gathered(seq), sink)
        assert await sink.wait_for(count) == list(range(1, count + 1))
        assert analyst.queued == 0


async def test_there_is_nothing_to_judge_without_checks_or_without_a_process() -> None:
    async with Analyst(0, ignore) as idle, Analyst(1, ignore) as analyst:
        assert analyst.judges(gathered(1))
        assert not analyst.judges(gathered(2, checks="none"))
        assert not idle.judges(gathered(1))


async def test_every_record_is_told_to_the_hook() -> None:
    events: list[Event] = []
    sink = Sink()
    async with Analyst(1, events.append) as analyst:
        await put(analyst, gathered(1), sink)
        await sink.wait_for(1)
    assert [event.verdict.seq for event in events if isinstance(event, Inspected)] == [1]


async def test_a_slow_sink_holds_up_what_feeds_it_at_a_bound() -> None:
    sink = Sink()
    sink.open.clear()
    bound = BATCH_LIMIT * (1 + WAITING_BATCHES)  # with the worker, and waiting
    fed = 0
    async with Analyst(1, ignore) as analyst:

        async def feed() -> None:
            nonlocal fed
            for seq in range(1, bound * 3):
                await put(analyst, gathered(seq), sink)
                fed += 1

        feeding = asyncio.create_task(feed())
        while analyst.queued < BATCH_LIMIT * WAITING_BATCHES:
            await asyncio.sleep(0)
        for _ in range(1_000):
            await asyncio.sleep(0)
        assert fed <= bound
        sink.open.set()
        await feeding
        assert await sink.wait_for(bound * 3 - 1) == list(range(1, bound * 3))


async def test_a_run_that_is_cancelled_at_the_bound_takes_no_other_run_s_responses_along() -> None:
    sink = Sink()
    sink.open.clear()
    full = BATCH_LIMIT * WAITING_BATCHES  # one more has to wait for the worker
    async with Analyst(1, ignore) as analyst:
        async with asyncio.timeout(20):
            seq = 0
            while analyst.queued < full:
                seq += 1
                await put(analyst, gathered(seq), sink)
                await asyncio.sleep(0)
        cancelled = asyncio.create_task(put(analyst, gathered(seq + 1), sink))
        await asyncio.sleep(0)
        assert not cancelled.done()
        cancelled.cancel()
        await asyncio.gather(cancelled, return_exceptions=True)
        sink.open.set()
        async with asyncio.timeout(20):
            assert await sink.wait_for(seq) == list(range(1, seq + 1))
        assert analyst.alive


async def test_a_pool_is_alive_while_one_of_its_workers_judges(monkeypatch: pytest.MonkeyPatch) -> None:
    failing: set[Worker] = set()
    monkeypatch.setattr(Worker, "is_failing", property(failing.__contains__))
    async with Analyst(2, ignore) as analyst:
        one, other = analyst._pool
        failing.add(one)
        assert analyst.alive
        failing.add(other)
        assert not analyst.alive
    async with Analyst(0, ignore) as analyst:
        assert analyst.alive


async def test_large_heads_wait_at_a_bound_of_their_own_and_who_gives_up_there_takes_no_place() -> None:
    sink = Sink()
    head = b"HTTP/1.1 200 OK\r\nX: " + b"x" * LARGE_HEAD_BYTES + b"\r\n\r\n"
    async with Analyst(1, ignore) as analyst:
        held = [analyst.put(gathered(seq, head=head), sink) for seq in range(1, HEAVY_LIMIT + 1)]
        for room in held:  # no worker has been asked yet: the loop has not turned
            assert room is not None
        putting = [asyncio.ensure_future(room) for room in held if room is not None]
        given_up = asyncio.create_task(put(analyst, gathered(999, head=head), sink))
        light = asyncio.create_task(put(analyst, gathered(1_000), sink))
        await light
        given_up.cancel()
        await asyncio.gather(given_up, return_exceptions=True)
        await asyncio.gather(*putting)
        assert await sink.wait_for(HEAVY_LIMIT + 1) == [*range(1, HEAVY_LIMIT + 1), 1_000]
        for seq in range(2_000, 2_000 + HEAVY_LIMIT):
            await put(analyst, gathered(seq, head=head), sink)
        await sink.wait_for(2 * HEAVY_LIMIT + 1)
        assert analyst._heavy.taken == 0


async def test_large_heads_that_come_together_are_shared_among_the_workers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One that took all that may be under way would leave the others idle until it has judged them."""
    sink = Sink()
    head = b"HTTP/1.1 200 OK\r\nX: " + b"x" * LARGE_HEAD_BYTES + b"\r\n\r\n"
    judge = Worker.judge
    sizes: list[int] = []

    async def note_and_judge(worker: Worker, batch: Sequence[Gathered]) -> list[Verdict]:
        sizes.append(len(batch))
        return await judge(worker, batch)

    monkeypatch.setattr(Worker, "judge", note_and_judge)
    async with Analyst(2, ignore) as analyst:
        await asyncio.gather(*(put(analyst, gathered(seq, head=head), sink) for seq in range(HEAVY_LIMIT)))
        await sink.wait_for(HEAVY_LIMIT)
    assert max(sizes) <= HEAVY_LIMIT // 2
    assert sum(sizes) == HEAVY_LIMIT
