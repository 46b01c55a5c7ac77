"""What can happen to a daemon's processes and descriptors, made for real."""

import asyncio
import os
import resource
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

from tests.integration.gated import serve_gate
from tests.integration.real_daemon import RealDaemon, descendants, refused, run_daemon, until_gone
from tests.service.inspection.dns_server import Zone, serve_names

KILL_EVERY_S = 0.1
KILL_AT_ONCE_S = (
    0.005  # sooner than one can start: on a fast machine a tenth of a second is enough to judge some
)
STORM_S = 2.0
STOPPED_S = 2.0
JUDGING = ("--concurrency", "50")


def workers_of(daemon: RealDaemon) -> list[int]:
    """The processes that the fork server has begun: children's children."""
    below = descendants(daemon.process.pid)
    return [process for process in below if _parent(process) in below]


def _parent(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def send(number: signal.Signals, processes: Sequence[int]) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, number)


@asynccontextmanager
async def killing_workers(daemon: RealDaemon, every_s: float) -> AsyncIterator[None]:
    async def kill_on() -> None:
        while True:
            send(signal.SIGKILL, workers_of(daemon))
            await asyncio.sleep(every_s)

    killing = asyncio.create_task(kill_on(), name="kill workers")
    try:
        yield
    finally:
        killing.cancel()


async def test_workers_that_are_killed_again_and_again(tmp_path: Path) -> None:
    async with serve_gate() as gate, run_daemon(tmp_path, *JUDGING) as daemon:
        urls = gate.urls(0, 600)
        job = await daemon.submit(urls)
        await gate.asked.wait()
        async with killing_workers(daemon, KILL_AT_ONCE_S):
            gate.open()
            await daemon.until_fault("pool", "processes_dying")
            status, problem = await daemon.try_to_submit(["http://a.test/"])
            assert (status, problem["type"]) == (503, "urn:problem-type:masthead:not-ready")
            assert "pool: processes_dying: " in problem["detail"]
            assert (await daemon.get(f"/v1/jobs/{job}"))["state"] == "running"
        async with killing_workers(daemon, KILL_EVERY_S):
            await asyncio.sleep(STORM_S)  # whether it gets on by then is the machine's affair
        await daemon.until_fault("pool", None)
        await daemon.finish(job)
        await daemon.check(job, urls)
        assert all(record["report"] for record in await daemon.records(job))


async def test_descriptors_that_run_out(tmp_path: Path) -> None:
    """What has a connection keeps it, a client too; nothing else gets one."""
    names = Zone({f"n{number}.test": ["127.0.0.1"] for number in range(50)})
    async with AsyncExitStack() as stack:
        gate = await stack.enter_async_context(serve_gate())
        resolver = await stack.enter_async_context(serve_names(names))
        options = (*JUDGING, "--resolver", resolver)
        async with run_daemon(tmp_path, *options) as daemon:
            urls = gate.urls(0, 300)
            urls += [url.replace("127.0.0.1", f"n{number % 50}.test") for number, url in enumerate(urls)]
            job = await daemon.submit(urls)
            await gate.asked.wait()
            limits = resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE)
            resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, (3, limits[1]))
            parts = await daemon.until_fault("descriptors", "no_descriptors")
            assert parts["descriptors"]["detail"] == "too many open files"
            status, problem = await daemon.try_to_submit(["http://a.test/"])
            assert (status, problem["type"]) == (503, "urn:problem-type:masthead:not-ready")
            gate.open()
            assert (await daemon.get(f"/v1/jobs/{job}"))["state"] == "running"
            await daemon.records(job)
            resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, limits)
            await daemon.until_fault("descriptors", None)
            await daemon.finish(job)
            await daemon.check(job, urls)


async def test_processes_that_are_stopped_and_let_go_on(tmp_path: Path) -> None:
    async with serve_gate() as gate, run_daemon(tmp_path, *JUDGING, "--timeout", "60") as daemon:
        urls = gate.urls(100, 300)
        job = await daemon.submit(urls)
        await gate.asked.wait()
        tree = [daemon.process.pid, *descendants(daemon.process.pid)]
        send(signal.SIGSTOP, tree)
        gate.open()
        await asyncio.sleep(STOPPED_S)  # the time that is lost is what is tried
        send(signal.SIGCONT, tree)
        await daemon.finish(job)
        await daemon.check(job, urls)


async def test_a_late_writer_changes_nothing(tmp_path: Path) -> None:
    """A daemon is stopped with leases, another takes its folder (which takes removing the lock by hand: the
    stopped one holds it) and does the job; then the first is let go on, with records in its hands."""
    async with serve_gate() as gate:
        urls = gate.urls(100, 300)
        options = (*JUDGING, "--timeout", "60")
        async with run_daemon(tmp_path, *options) as late:
            job = await late.submit(urls)
            await gate.asked.wait()
            tree = [late.process.pid, *descendants(late.process.pid)]
            send(signal.SIGSTOP, tree)
            gate.open()
            status, told = await refused(tmp_path)
            assert (status, "another daemon is running on it" in told) == (2, True)
            (tmp_path / "lock").unlink()
            async with run_daemon(tmp_path, *options) as daemon:
                await daemon.finish(job)
                before = await daemon.records(job)
                send(signal.SIGCONT, tree)
                assert await late.records(job) == before
                late.process.terminate()  # it ends what it has begun, and writes what it has
                assert await late.process.wait() == 0
                assert await daemon.records(job) == before
                await daemon.check(job, urls)


async def test_what_a_killed_daemon_started_ends_by_itself(tmp_path: Path) -> None:
    async with serve_gate() as gate, run_daemon(tmp_path, "--loops", "2") as daemon:
        await daemon.submit(gate.urls(10, 10))
        await gate.asked.wait()
        below = descendants(daemon.process.pid)
        assert len(below) >= 4, "two loops, and what judges for each"
        await daemon.kill()
        await until_gone(below)
