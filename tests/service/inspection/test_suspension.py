"""A task's wait that ends within the call that ends it, and what else a task may do with it."""

import asyncio
import types
from collections.abc import Generator
from contextvars import ContextVar

import pytest

from service.inspection.suspension import Suspension

NAME: ContextVar[str] = ContextVar("NAME", default="nobody")


@types.coroutine
def wait(suspension: Suspension) -> Generator[Suspension, None, None]:
    yield suspension.suspended()


async def work_of_a_wait(suspension: Suspension) -> None:
    await wait(suspension)


def new_suspension() -> Suspension:
    return Suspension(asyncio.get_running_loop())


async def after_a_turn(call: object, *arguments: object) -> None:
    """Have the loop call it, as a reader or a timer is called."""
    asyncio.get_running_loop().call_soon(call, *arguments)  # type: ignore[arg-type]  # anything callable
    await asyncio.sleep(0)


async def test_the_task_goes_on_before_the_call_that_wakes_it_returns() -> None:
    suspension, told = new_suspension(), list[str]()

    async def work() -> None:
        await wait(suspension)
        told.append("woken")

    def wake() -> None:
        suspension.resume()
        told.append("returned")

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    await after_a_turn(wake)
    assert told == ["woken", "returned"]
    await task


async def test_the_task_goes_on_in_its_own_context() -> None:
    suspension = new_suspension()

    async def work() -> str:
        NAME.set("worker")
        await wait(suspension)
        return NAME.get()

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    await after_a_turn(suspension.resume)
    assert (await task, NAME.get()) == ("worker", "nobody")


async def test_where_nobody_waits_nothing_happens_and_a_wait_can_come_again() -> None:
    suspension = new_suspension()
    suspension.resume()
    for _ in range(3):
        task = asyncio.create_task(work_of_a_wait(suspension))
        await asyncio.sleep(0)
        await after_a_turn(suspension.resume)
        assert task.done()


@pytest.mark.parametrize("is_resumed", [False, True])
async def test_a_task_that_is_cancelled_is_told_so_once(is_resumed: bool) -> None:
    suspension = new_suspension()
    seen: list[str] = []

    async def work() -> None:
        try:
            await wait(suspension)
        except asyncio.CancelledError:
            seen.append("cancelled")
        await asyncio.sleep(0)
        seen.append("went on")

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    if is_resumed:  # too late: it is woken by the cancelling
        suspension.resume()
    await task
    assert seen == ["cancelled", "went on"]


async def test_a_timeout_ends_the_wait() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await wait(new_suspension())


async def test_cancelling_comes_too_late_for_a_task_that_was_woken() -> None:
    suspension = new_suspension()
    task = asyncio.create_task(work_of_a_wait(suspension))
    await asyncio.sleep(0)
    await after_a_turn(suspension.resume)
    assert not task.cancel()
    await task
