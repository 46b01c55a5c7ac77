"""The worker processes: one `ProcessPoolExecutor` a worker, fed with one batch at a time.

An executor breaks whole when one of its processes dies. With one process each, a death costs one batch
its turn, and the batch that was running is known. It is done again; where it dies again it is halved,
until the head that kills is found: one that has killed `ALONE_DEATHS` times while it ran alone ends as
`analysis_failed`, and nothing else is lost. A process that fails as a whole (out of memory, say) is as good
as dead: it is replaced. So is one that does not come to an end: it is killed. A process that dies before it
was given anything says nothing of the batch, which waits for the next.
"""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing.process import BaseProcess
from threading import Thread
from time import monotonic
from typing import Any, Final

import msgspec

from workers.model import Failure, Gathered, Verdict
from workers.record import record_only
from workers.remote import judge_batch, start_worker

ALONE_DEATHS: Final = 3  # a worker can die of other causes (the OOM killer, an operator): once proves nothing
BATCH_LIMIT_S: Final = 120.0  # a hostile batch takes seconds: what has not ended by then never will
START_LIMIT_S: Final = 300.0  # a process that could not be started for so long never will be: tell it
FAILING_S: Final = 2.0  # what kills a worker is found in less; beyond that, something else kills them
RESTART_PAUSE_S: Final = 0.5  # between tries to start a process where descriptors or memory are short
STOPPING: Final = (signal.SIGINT, signal.SIGTERM)

_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(list[Verdict])


class _NotStarted(Exception):  # noqa: N818 - it was killed, or out of memory: no error of ours
    """The process died before it took work."""


class Worker:
    """One process that judges batches. Used by one task at a time."""

    def __init__(
        self,
        on_restart: Callable[[], None],
        run: Callable[[bytes], bytes] = judge_batch,
        limit_s: float = BATCH_LIMIT_S,
    ) -> None:
        """`run` is what the process does with a batch within `limit_s`: a function that it can import."""
        self._on_restart = on_restart
        self._limit_s = limit_s
        self._in_process = run
        self._failing_since_s: float | None = None  # no batch has come to its end since, of those begun
        self._down_since_s: float | None = None  # no process has started since
        self._executor, self.started = _start_process()

    @property
    def is_failing(self) -> bool:
        """Whether it has something to judge, and its processes have been dying for a while."""
        return self._failing_since_s is not None and monotonic() - self._failing_since_s > FAILING_S

    @property
    def is_absent(self) -> bool:
        """Whether its process died before it took work. Where there is none to do, nobody replaces it."""
        started = self.started
        return started.done() and started.exception() is not None

    async def judge(self, batch: Sequence[Gathered]) -> list[Verdict]:
        """One verdict for each of the batch, in order, whatever happens to the process."""
        try:
            return await self._judge(batch, deaths=0)
        finally:
            self._failing_since_s = None

    def stop(self) -> None:
        """End the process once it has finished what it is doing. Blocks until it has ended."""
        if self._executor is not None:
            processes = _processes_of(self._executor)
            self._executor.shutdown(wait=True, cancel_futures=True)
            _kill(processes)  # whatever is left: none, but where the executor's own thread has died

    async def _judge(self, batch: Sequence[Gathered], deaths: int) -> list[Verdict]:
        while True:
            try:
                return await self._run(batch)
            except _NotStarted as error:
                if self._has_been_down():
                    failure = _absent(error)
                    return [record_only(gathered, failure) for gathered in batch]
                await asyncio.sleep(RESTART_PAUSE_S)
                self._restart()
                continue
            except Exception as error:  # noqa: BLE001 - whatever it is, each of the batch gets its record
                deaths += 1
                failure = _killer(deaths, error)
            self._failing_since_s = self._failing_since_s or monotonic()
            self._restart()
            if len(batch) > 1 and deaths > 1:
                return await self._halve(batch)
            if len(batch) == 1 and deaths >= ALONE_DEATHS:
                return [record_only(batch[0], failure)]

    async def _run(self, batch: Sequence[Gathered]) -> list[Verdict]:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(START_LIMIT_S):
                process = await asyncio.wrap_future(self.started)
        except Exception as error:
            raise _NotStarted(f"{type(error).__name__}: {error}") from error
        assert self._executor is not None  # noqa: S101 - it has started
        self._down_since_s = None
        _let_go_of_results(self._executor)
        try:
            async with asyncio.timeout(self._limit_s):
                judged = await loop.run_in_executor(self._executor, self._in_process, _encoder.encode(batch))
                self._failing_since_s = None
        except TimeoutError:
            os.kill(process, signal.SIGKILL)
            raise
        return _decoder.decode(judged)

    def _has_been_down(self) -> bool:
        """One more process has not started: whether that lasts too long by now."""
        now_s = monotonic()
        self._failing_since_s = self._failing_since_s or now_s
        self._down_since_s = self._down_since_s or now_s
        return now_s - self._down_since_s > START_LIMIT_S

    async def _halve(self, batch: Sequence[Gathered]) -> list[Verdict]:
        verdicts: list[Verdict] = []
        middle = len(batch) // 2
        for half in (batch[:middle], batch[middle:]):
            verdicts += await self._judge(half, deaths=1 if len(half) > 1 else 0)
        return verdicts

    def _restart(self) -> None:
        if self._executor is not None:
            _kill(_processes_of(self._executor))
            if self.started.done():  # else the thread that waits for it has the executor's lock
                self._executor.shutdown(wait=False, cancel_futures=True)
        self._executor, self.started = _start_process()
        self._on_restart()


def are_failing(workers: Sequence[Worker]) -> bool:
    """Whether something waits to be judged, and there is nobody to judge it."""
    return any(worker.is_failing for worker in workers) and all(
        worker.is_failing or worker.is_absent for worker in workers
    )


def _start_process() -> tuple[ProcessPoolExecutor | None, Future[int]]:
    """An executor whose one process is on its way up, and the number that it will have, or why it cannot be
    started. Our own shortage is no verdict on what waits to be judged."""
    # Not fork: forked children keep sockets alive in an epoll object, and share the signal wake-up fd.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["workers.prepared"])
    executor = None
    started: Future[int] = Future()
    started.set_running_or_notify_cancel()  # from now on nobody can cancel it
    try:
        executor = ProcessPoolExecutor(max_workers=1, mp_context=context, initializer=start_worker)
        Thread(target=_launch, args=(executor, started), name="start a worker", daemon=True).start()
    except (OSError, RuntimeError) as error:  # there is no room for its pipes, or for one more thread
        started.set_exception(error)
    return executor, started


def _launch(executor: ProcessPoolExecutor, started: Future[int]) -> None:
    """Fork the process. A thread's work: the fork server first loads what judges, and the loop has other
    things to do than to wait for that."""
    # A Ctrl-C goes to the whole process group. The fork server and the process inherit this thread's mask, so
    # that one that comes while they still import does not end them.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    try:
        launched = executor.submit(os.getpid)
    except Exception as error:  # noqa: BLE001 - no descriptor, no fork (EOFError), no thread, or stopped meanwhile
        _kill(_processes_of(executor))
        _forget_manager(executor)
        started.set_exception(error)
    else:
        launched.add_done_callback(partial(_pass_on, started))


def _pass_on(started: Future[int], launched: Future[int]) -> None:
    if launched.cancelled():
        started.set_exception(BrokenProcessPool("it was stopped before it had started"))
    elif (error := launched.exception()) is not None:
        started.set_exception(error)
    else:
        started.set_result(launched.result())


def _processes_of(executor: ProcessPoolExecutor) -> list[BaseProcess]:
    processes: dict[int, BaseProcess] | None = getattr(executor, "_processes", None)
    return list((processes or {}).values())


def _kill(processes: Iterable[BaseProcess]) -> None:
    """End those that have not ended, whose numbers may be another's by now. They ignore any weaker signal."""
    for process in processes:
        if process.is_alive():
            process.kill()


def _forget_manager(executor: ProcessPoolExecutor) -> None:
    """Its thread, where there was no room to start that: `shutdown` would fail to join it."""
    manager: Any = getattr(executor, "_executor_manager_thread", None)
    if manager is not None and not manager.is_alive():
        executor.__dict__["_executor_manager_thread"] = None


def _let_go_of_results(executor: ProcessPoolExecutor) -> None:
    """Close our own copy of the results' writing end, which the executor keeps and never uses.

    Without that, a process that is killed in the middle of writing a result leaves the executor reading for
    ever: the pipe does not end while anybody could still write to it.
    """
    results: Any = getattr(executor, "_result_queue", None)
    writer = getattr(results, "_writer", None)
    if writer is not None and not writer.closed:
        writer.close()


def _absent(error: Exception) -> Failure:
    message = f"no worker process could be started for {START_LIMIT_S:g} s: {error}"[:500]
    return Failure(code="analysis_failed", stage="analyse", message=message)


def _killer(deaths: int, error: Exception) -> Failure:
    reason = f"{type(error).__name__}: {error}"[:200]
    message = f"a worker process died {deaths} times while it judged this response alone: {reason}"
    return Failure(code="analysis_failed", stage="analyse", message=message)
