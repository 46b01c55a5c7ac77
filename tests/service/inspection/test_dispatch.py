"""What is fetched next: busy hosts wait, others go on, nothing is lost."""

import asyncio
from collections.abc import Callable

import pytest

from service.inspection.dispatch import RUN_LIMIT, Dispatch, Entry
from service.inspection.pace import Pace
from service.inspection.source import ListSource
from service.inspection.url import URL_LIMIT_BYTES
from service.loops.fed_source import FedSource
from service.model import Target


class Run:
    """A list being dispatched to nobody in particular: the test takes and gives back."""

    def __init__(self, urls: list[str], at_once: int = 1, gap_s: float = 0.0) -> None:
        self.source = ListSource(urls)
        self.pace = Pace(asyncio.get_running_loop(), at_once, gap_s)
        self.dispatch = Dispatch(self.source, self.pace, URL_LIMIT_BYTES)
        self.feeding = asyncio.create_task(self.dispatch.feed())

    async def next(self) -> Entry | None:
        async with asyncio.timeout(10):
            return await self.dispatch.next()

    async def take(self, count: int) -> list[Entry]:
        entries = [await self.next() for _ in range(count)]
        return [entry for entry in entries if entry is not None]


def urls_of(entries: list[Entry]) -> list[str]:
    return [entry.target.input for entry in entries]


async def test_a_busy_host_s_urls_let_the_others_go_first_and_come_back() -> None:
    run = Run(["http://a/1", "http://a/2", "http://b/1", "http://a/3"])
    first, other = await run.take(2)
    assert urls_of([first, other]) == ["http://a/1", "http://b/1"]
    run.dispatch.done(other)
    run.dispatch.done(first)
    for expected in ("http://a/2", "http://a/3"):
        (entry,) = await run.take(1)
        assert entry.target.input == expected
        run.dispatch.done(entry)
    assert await run.next() is None


async def test_one_host_s_urls_alone_come_in_order_with_their_gap() -> None:
    urls = [f"http://a/{number}" for number in range(6)]
    run = Run(urls, at_once=2, gap_s=0.01)
    seen = []
    while (entry := await run.next()) is not None:
        seen.append(entry)
        run.dispatch.done(entry)
    assert urls_of(seen) == urls


async def test_what_is_no_url_comes_in_its_turn_with_its_failure() -> None:
    run = Run(["http://", "http://a/"])
    bad, good = await run.take(2)
    assert bad.failure is not None
    assert (bad.failure.code, bad.host, good.host) == ("invalid_url", None, "a")


async def test_a_url_to_be_tried_again_comes_back_after_the_pause_and_its_host_rests() -> None:
    run = Run(["http://a/1", "http://a/2", "http://b/"], at_once=4)
    entries = await run.take(1)
    began = asyncio.get_running_loop().time()
    run.dispatch.again(entries[0], 0.1)
    others = await run.take(1)
    assert urls_of(others) == ["http://b/"]
    back = await run.take(2)
    assert urls_of(back) == ["http://a/1", "http://a/2"]
    assert asyncio.get_running_loop().time() - began >= 0.1
    assert [entry.attempts for entry in back] == [2, 1]
    for entry in (*others, *back):
        run.dispatch.done(entry)
    assert await run.next() is None


async def test_no_more_than_one_is_read_before_it_is_asked_for() -> None:
    run = Run([f"http://a{number}/" for number in range(10)])
    for _ in range(5):
        await asyncio.sleep(0)
    assert len(run.source._targets) == 9
    seen = 0
    while (entry := await run.next()) is not None:
        seen += 1
        run.dispatch.done(entry)
    assert seen == 10


async def test_a_long_run_of_a_busy_host_does_not_hold_the_loop() -> None:
    run = Run(["http://a/"] * (RUN_LIMIT * 10) + ["http://b/"])
    (first,) = await run.take(1)
    assert run.dispatch.take() is None
    assert run.dispatch._aside == RUN_LIMIT
    (other,) = await run.take(1)
    assert urls_of([first, other]) == ["http://a/", "http://b/"]


async def test_what_comes_at_once_is_taken_by_all_who_wait() -> None:
    run = Run([])
    source = run.source = FedSource(None)
    run.dispatch = Dispatch(source, run.pace, URL_LIMIT_BYTES)
    run.feeding = asyncio.create_task(run.dispatch.feed())
    waiting = [asyncio.create_task(run.next()) for _ in range(5)]
    await asyncio.sleep(0.01)
    source.feed([Target(number, f"http://a{number}/") for number in range(5)])
    entries = await asyncio.gather(*waiting)
    assert sorted(urls_of([entry for entry in entries if entry])) == [f"http://a{n}/" for n in range(5)]


async def test_no_more_is_put_aside_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.inspection.dispatch.ASIDE_LIMIT", 10)
    run = Run(["http://a/"] * 50 + ["http://b/"])
    (first,) = await run.take(1)
    waiting = asyncio.create_task(run.next())
    for _ in range(1_000):
        await asyncio.sleep(0)
    assert not waiting.done()  # b is too far behind
    assert run.dispatch._aside == 10
    run.dispatch.done(first)
    seen = 1
    entry = await waiting
    while entry is not None:
        seen += 1
        run.dispatch.done(entry)
        entry = await run.next()
    assert seen == 51


async def test_a_stop_ends_all_who_wait_and_gives_every_turn_back() -> None:
    run = Run(["http://a/1", "http://a/2", "http://a/3"])
    (first,) = await run.take(1)
    waiting = [asyncio.create_task(run.next()) for _ in range(2)]
    await asyncio.sleep(0.01)
    run.source.stop()
    assert await asyncio.gather(*waiting) == [None, None]
    run.dispatch.done(first)
    await asyncio.sleep(0.01)
    assert await run.next() is None
    async with asyncio.timeout(5):
        await run.pace.wait("a")
        await run.feeding


@pytest.mark.parametrize("tasks", [1, 3, 50])
async def test_every_url_is_given_once_whoever_takes(tasks: int) -> None:
    urls = [f"http://host{number % 7}/{number}" for number in range(300)]
    run = Run(urls, at_once=2)
    seen: list[str] = []

    async def work(give_back: Callable[[Entry], None]) -> None:
        while (entry := await run.next()) is not None:
            await asyncio.sleep(0)
            seen.append(entry.target.input)
            give_back(entry)

    await asyncio.gather(*(work(run.dispatch.done) for _ in range(tasks)))
    assert sorted(seen) == sorted(urls)
