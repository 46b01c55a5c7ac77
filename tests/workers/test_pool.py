"""The worker processes: real ones, killed for real."""

import asyncio
import errno
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import pytest

from tests.workers.faults import is_prepared, judge_or_die, judge_or_fail, judge_or_spin
from tests.workers.gathered import gathered
from workers import pool
from workers.model import Gathered
from workers.pool import ALONE_DEATHS, Worker


class Restarts:
    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


@pytest.fixture
def restarts() -> Restarts:
    return Restarts()


@pytest.fixture
def start(restarts: Restarts) -> Iterator[Callable[..., Worker]]:
    workers: list[Worker] = []

    def start(*run: Callable[[bytes], bytes]) -> Worker:
        workers.append(Worker(restarts, *run))
        return workers[-1]

    yield start
    for worker in workers:
        worker.stop()


def batch_of(count: int, killers: tuple[int, ...] = ()) -> list[Gathered]:
    return [
        gathered(seq, "http://a.test/kill" if seq in killers else f"http://a.test/{seq}")
        for seq in range(1, count + 1)
    ]


async def test_a_batch_is_judged_in_another_process(start: Callable[..., Worker], restarts: Restarts) -> None:
    worker = start()
    verdicts = await worker.judge(batch_of(3))
    assert [verdict.seq for verdict in verdicts] == [1, 2, 3]
    assert worker.started.result() != os.getpid()
    assert restarts.count == 0


async def test_nobody_waits_for_a_process_to_be_forked(
    start: Callable[..., Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    submit, gate = ProcessPoolExecutor.submit, threading.Event()

    def submit_later(executor: ProcessPoolExecutor, *work: Any) -> Future[Any]:
        assert gate.wait(60)
        return submit(executor, *work)

    monkeypatch.setattr(ProcessPoolExecutor, "submit", submit_later)
    worker = start()
    assert not worker.started.done()
    gate.set()
    assert await asyncio.wrap_future(worker.started) > 0


async def test_a_worker_has_what_judges_from_the_fork_server(start: Callable[..., Worker]) -> None:
    worker = start()
    await asyncio.wrap_future(worker.started)
    assert worker._executor.submit(is_prepared).result()


async def test_a_killed_worker_costs_no_record(start: Callable[..., Worker], restarts: Restarts) -> None:
    worker = start()
    process = await asyncio.wrap_future(worker.started)
    judging = asyncio.create_task(worker.judge(batch_of(2_000)))
    await asyncio.sleep(0)
    os.kill(process, signal.SIGKILL)
    verdicts = await judging
    assert [verdict.seq for verdict in verdicts] == list(range(1, 2_001))
    assert all(verdict.failure is None for verdict in verdicts)
    assert restarts.count == 1


@pytest.mark.parametrize("run", [judge_or_die, judge_or_fail])
@pytest.mark.parametrize("killers", [(1,), (9,), (4, 5)])
async def test_only_the_head_that_kills_while_it_runs_alone_fails(
    start: Callable[..., Worker], killers: tuple[int, ...], run: Callable[[bytes], bytes]
) -> None:
    verdicts = await start(run).judge(batch_of(9, killers))
    assert [verdict.seq for verdict in verdicts] == list(range(1, 10))
    failed = {verdict.seq: verdict.failure.code for verdict in verdicts if verdict.failure}
    assert failed == dict.fromkeys(killers, "analysis_failed")


async def test_a_process_that_cannot_be_started_now_is_started_later(
    start: Callable[..., Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = start()
    submit, faults = ProcessPoolExecutor.submit, [OSError(errno.EMFILE, "Too many open files"), EOFError()]

    def fail_at_first(executor: ProcessPoolExecutor, *work: Any) -> Future[Any]:
        if faults:
            raise faults.pop()
        return submit(executor, *work)

    monkeypatch.setattr(ProcessPoolExecutor, "submit", fail_at_first)
    monkeypatch.setattr(pool, "RESTART_PAUSE_S", 0)
    os.kill(await asyncio.wrap_future(worker.started), signal.SIGKILL)
    (verdict,) = await worker.judge(batch_of(1))
    assert verdict.failure is None


@pytest.mark.parametrize("started_before", [0, 1])  # the pool's own thread, and that of the executor
async def test_a_process_that_no_thread_can_look_after_now_is_started_later(
    started_before: int, start: Callable[..., Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, begun = threading.Thread.start, []

    def fail_once(thread: threading.Thread) -> None:
        begun.append(thread)
        if len(begun) == started_before + 1:
            raise RuntimeError("can't start new thread")
        begin(thread)

    monkeypatch.setattr(threading.Thread, "start", fail_once)
    monkeypatch.setattr(pool, "RESTART_PAUSE_S", 0)
    processes = set(multiprocessing.active_children())
    (verdict,) = await start().judge(batch_of(1))
    assert verdict.failure is None
    assert len(set(multiprocessing.active_children()) - processes) == 1


async def test_a_worker_is_started_later_where_there_is_no_room_for_its_pipes(
    start: Callable[..., Worker], restarts: Restarts, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = [OSError(errno.EMFILE, "Too many open files")] * 2

    def fail_at_first(**options: Any) -> ProcessPoolExecutor:
        if faults:
            raise faults.pop()
        return ProcessPoolExecutor(**options)

    monkeypatch.setattr(pool, "ProcessPoolExecutor", fail_at_first)
    monkeypatch.setattr(pool, "RESTART_PAUSE_S", 0)
    (verdict,) = await start().judge(batch_of(1))
    assert verdict.failure is None
    assert restarts.count == 2


def start_after(deaths: int) -> Callable[[], tuple[ProcessPoolExecutor, Future[int]]]:
    """Processes, so many of which die before they have started."""
    begin, remaining = pool._start_process, [BrokenProcessPool("killed")] * deaths

    def start_process() -> tuple[ProcessPoolExecutor, Future[int]]:
        executor, started = begin()
        if remaining:
            started = Future()
            started.set_exception(remaining.pop())
        return executor, started

    return start_process


async def test_a_process_that_dies_before_it_has_started_says_nothing_of_the_batch(
    start: Callable[..., Worker], restarts: Restarts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_start_process", start_after(2 * ALONE_DEATHS))
    monkeypatch.setattr(pool, "RESTART_PAUSE_S", 0)
    (verdict,) = await start().judge(batch_of(1))
    assert verdict.failure is None
    assert restarts.count == 2 * ALONE_DEATHS


async def test_a_list_does_not_wait_for_ever_for_processes_that_never_start(
    start: Callable[..., Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_start_process", start_after(2))
    monkeypatch.setattr(pool, "START_LIMIT_S", -1.0)
    worker = start()
    verdicts = await worker.judge(batch_of(2))
    assert [verdict.failure and verdict.failure.code for verdict in verdicts] == ["analysis_failed"] * 2
    assert verdicts[0].failure is not None
    assert "no worker process could be started" in verdicts[0].failure.message


async def test_a_worker_is_failing_while_its_processes_die(
    start: Callable[..., Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "FAILING_S", 0.0)
    monkeypatch.setattr(pool, "RESTART_PAUSE_S", 0)
    monkeypatch.setattr(pool, "_start_process", start_after(1))
    told: list[bool] = []
    worker = Worker(lambda: told.append(worker.is_failing))
    assert not worker.is_failing
    await worker.judge(batch_of(1))
    assert told == [True]
    assert not worker.is_failing
    worker.stop()


async def test_workers_that_have_nothing_to_do_are_no_help_where_they_have_not_come_up(
    start: Callable[..., Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "FAILING_S", 0.0)
    monkeypatch.setattr(pool, "RESTART_PAUSE_S", 0)
    good = start()
    monkeypatch.setattr(pool, "_start_process", start_after(2))
    idle = start()
    told: list[tuple[bool, bool]] = []
    busy = Worker(lambda: told.append((pool.are_failing([busy, idle]), pool.are_failing([busy, good]))))
    assert not pool.are_failing([busy, idle]), "nothing waits for them"
    await busy.judge(batch_of(1))
    assert told == [(True, False)]
    busy.stop()


async def test_a_head_alone_is_given_up_after_its_third_death(
    start: Callable[..., Worker], restarts: Restarts
) -> None:
    (verdict,) = await start(judge_or_die).judge(batch_of(1, (1,)))
    assert verdict.failure is not None
    assert "died 3 times" in verdict.failure.message
    assert restarts.count == ALONE_DEATHS


ORPHANS = """
import os, signal, sys, time
sys.path.insert(0, os.getcwd())
from workers.pool import Worker
if __name__ == "__main__":
    print(Worker(lambda: None).started.result(), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


async def test_a_head_that_is_never_done_with_costs_no_other_record(restarts: Restarts) -> None:
    worker = Worker(restarts, judge_or_spin, limit_s=0.5)
    await asyncio.wrap_future(worker.started)
    verdicts = await worker.judge(batch_of(2, (2,)))
    assert [verdict.failure and verdict.failure.code for verdict in verdicts] == [None, "analysis_failed"]
    worker.stop()


def test_the_process_of_the_loop_imports_nothing_that_judges() -> None:
    """It would take as long as all else that a run does before its first URL."""
    judges = ("workers.entry", "workers.judge", "workers.checks", "workers.observatory", "workers.registry")
    code = f"import sys, workers.pool; print([name for name in {judges} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"


def test_workers_end_with_a_parent_that_was_killed() -> None:
    parent = subprocess.Popen([sys.executable, "-c", ORPHANS], stdout=subprocess.PIPE)
    # The worker and the forkserver hold the pipe's other end too: it ends when the last of them has.
    output, _ = parent.communicate(timeout=60)
    assert int(output) > 0
    assert parent.returncode == -signal.SIGKILL
