"""Followers of jobs: who is woken, and who is waited for at the end."""

import asyncio

import pytest

from service.jobs import watch as module
from service.jobs.watch import Over, Watch


def test_a_job_s_followers_are_woken_and_no_others() -> None:
    watch = Watch()
    with watch.follow(1) as one, watch.follow(1) as another, watch.follow(2) as other:
        watch.tell(1)
        assert (one.is_set(), another.is_set(), other.is_set()) == (True, True, False)
        assert len(watch) == 3
    assert len(watch) == 0
    watch.tell(1)


async def test_the_end_wakes_all() -> None:
    watch = Watch()
    with watch.follow(1) as one, watch.follow(2) as other:
        watch.end()
        assert one.is_set()
        assert other.is_set()
    assert watch.is_over


@pytest.mark.parametrize("is_late", [False, True])
async def test_who_is_behind_is_given_up_a_moment_after_the_end(
    is_late: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also who comes after it."""
    monkeypatch.setattr(module, "CATCH_UP_S", 0.01)
    watch, told = Watch(), []

    async def follow() -> None:
        async with asyncio.timeout(10), watch.until_over():
            told.append("the beginning")
            watch.end()
            await asyncio.Event().wait()
            told.append("the rest")

    if is_late:
        watch.end()
    with pytest.raises(Over):
        await follow()
    assert told == ["the beginning"]


async def test_a_timeout_of_another_is_not_taken_for_the_end() -> None:
    with pytest.raises(TimeoutError):
        async with Watch().until_over():
            raise TimeoutError
