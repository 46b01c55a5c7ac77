"""Several loops are as one: the same records, each host in one place, and nothing lost with a process."""

import asyncio
import os
import signal
import socket
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from service.app import fetch_options, open_inspector
from service.errors import NoWorkers, UsageError
from service.inspection.dispatch import ASIDE_LIMIT
from service.inspection.fetch import FetchOptions
from service.inspection.source import ListSource
from service.loops.fed_source import FedSource
from service.loops.messages import BATCH_LIMIT, Begin, News, read_order, read_report, write_message
from service.loops.outbox import UNSENT_LIMIT_BYTES, Outbox
from service.loops.process import start_process
from service.loops.suspicion import ALONE_DEATHS
from service.model import Target
from service.settings import Settings
from service.telemetry.events import FetchCrashed, Fetched, Inspected, LoopLagged, LoopRestarted, Timed
from tests.service.inspection.servers import HELLO, serve
from tests.service.loops.running import HURRY, kill, loops, stopped
from workers.counted import NO_FINDINGS
from workers.model import Exchange, Gathered, Timing, Verdict

DEADLINE_S = 60
READS_LIMIT = 20
Ends = tuple[str, str]
REFUSED = "10.0.0.1"  # by the guard: a record without a connection


async def test_every_input_ends_as_one_record_and_is_told_once() -> None:
    async with serve(HELLO) as port, loops(2) as running:
        urls = [f"http://127.0.0.{n % 200 + 1}:{port}/" for n in range(1_000)]
        urls += ["http://", REFUSED, f"http://[::1]:{port}/"] * 100
        # One server has one address: of the others the connections are refused.
        records = await running.inspect(urls)
    assert sorted(record["seq"] for record in records) == list(range(1, 1_301))
    assert {record["input"] for record in records} == set(urls)
    assert running.told(Inspected) == 1_300
    assert running.told(Fetched) == 0
    timed = [spent for event in running.events if isinstance(event, Timed) for spent in event.spent]
    assert len(timed) == sum(record["outcome"] == "ok" for record in records) == 5
    assert running.told(LoopLagged)


async def test_a_host_s_urls_are_all_in_one_loop() -> None:
    """The loops' processes are told apart by what the client of each connection belongs to."""
    names = [f"127.0.0.{n}" for n in range(1, 9)]
    connections: dict[Ends, str] = {}
    owners: dict[str, set[int]] = {}
    told = asyncio.Event()

    async def answer(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends = (
            _hexadecimal(writer.get_extra_info("peername")),
            _hexadecimal(writer.get_extra_info("sockname")),
        )
        connections[ends] = writer.get_extra_info("sockname")[0]
        if len(connections) == 10 * len(names):  # all of them stand
            owners.update(_owners(connections, pids))
            told.set()
        await told.wait()
        writer.write(HELLO)

    async with loops(2) as running:
        pids = [process.pid or 0 for process in running.processes]
        server = await asyncio.start_server(_heard(answer), "0.0.0.0", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            records = await running.inspect(
                [f"http://{name}:{port}/{n}" for n in range(10) for name in names]
            )
    assert {record["outcome"] for record in records} == {"ok"}
    assert {name: len(owners[name]) for name in names} == dict.fromkeys(names, 1)
    assert len(set.union(*owners.values())) == 2


async def test_what_a_killed_process_had_is_done_by_the_next() -> None:
    killed = asyncio.Event()

    async def answer(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not killed.is_set() and b"/300 " in head:
            running.kill()
            killed.set()
        writer.write(HELLO)

    async with serve(answer) as port, loops(1) as running:
        urls = [f"http://127.0.0.1:{port}/{n}" for n in range(2_000)]
        async with asyncio.timeout(DEADLINE_S):
            records = await running.inspect(urls)
        assert running.many.alive
    assert sorted(record["seq"] for record in records) == list(range(1, 2_001))
    assert {record["outcome"] for record in records} == {"ok"}
    assert running.told(LoopRestarted) == 1
    assert running.told(Inspected) == 2_000


async def test_a_url_that_kills_its_process_each_time_ends_as_internal_and_costs_no_other() -> None:
    async def answer(head: bytes, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if b"/poison " in head:
            running.kill()
        writer.write(HELLO)

    async with serve(answer) as port, loops(1, concurrency=4) as running:
        urls = [f"http://127.0.0.1:{port}/{n}" for n in range(40)]
        urls[7] = f"http://127.0.0.1:{port}/poison"
        async with asyncio.timeout(DEADLINE_S):
            records = await running.inspect(urls)
            again = await running.inspect(urls[8:])
    by_seq = {record["seq"]: record for record in records}
    assert len(records) == len(by_seq) == 40
    assert by_seq[8]["error"] == {
        "code": "internal",
        "stage": "exchange",
        "message": f"a loop's process died {ALONE_DEATHS} times while it inspected this URL alone",
    }
    assert [seq for seq, record in by_seq.items() if record["outcome"] != "ok"] == [8]
    assert {record["outcome"] for record in again} == {"ok"}


async def test_a_process_that_dies_idle_is_replaced() -> None:
    async with serve(HELLO) as port, loops(2) as running:
        kill(running.processes[0].pid)
        async with asyncio.timeout(DEADLINE_S):
            while not running.told(LoopRestarted):
                await asyncio.sleep(0.01)
            records = await running.inspect([f"http://127.0.0.1:{port}/", "localhost.example", REFUSED])
    assert len(records) == 3


async def test_the_source_waits_for_records_to_be_taken() -> None:
    """Of one host, so of one loop: what is read and not yet taken never exceeds what that may have."""
    limit = 8 + ASIDE_LIMIT
    full, taken = asyncio.Event(), 0

    class Endless(ListSource):
        def take(self) -> Target | None:
            nonlocal given
            target = super().take()
            given += target is not None
            assert given - taken <= limit + 1  # the one that finds no room
            if given > limit:
                full.set()
            return target

    async def wait_until_full() -> None:
        await full.wait()

    def deliver(_: Verdict) -> asyncio.Future[None] | None:
        nonlocal taken
        taken += 1
        return None if full.is_set() else asyncio.ensure_future(wait_until_full())

    given, length = 0, limit + 10 * BATCH_LIMIT
    async with loops(1, concurrency=8) as running:
        options = fetch_options(running.settings)
        await running.many.run(Endless([REFUSED] * length), options, deliver)
    assert full.is_set()
    assert taken == length


async def test_a_stopped_list_ends_with_what_was_begun() -> None:
    asked, go = asyncio.Event(), asyncio.Event()

    async def answer(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await go.wait()
        writer.write(HELLO)

    async with serve(answer) as port, loops(1, concurrency=3) as running:
        source = ListSource([f"http://127.0.0.1:{port}/"] * 500)
        inspecting = asyncio.create_task(running.inspect(source))
        await asked.wait()
        source.stop()
        go.set()
        async with asyncio.timeout(DEADLINE_S):
            records = await inspecting
        assert 1 <= len(records) < 500  # the word to stop and the answers travel at once
        assert {record["outcome"] for record in records} == {"ok"}
        async with asyncio.timeout(DEADLINE_S):  # what was left out takes nobody's room
            assert len(await running.inspect([f"http://127.0.0.1:{port}/"] * 5)) == 5


async def test_a_cancelled_list_is_left_and_others_go_on() -> None:
    asked, gone = asyncio.Event(), asyncio.Event()

    async def answer(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if b"/silent" in head:
            asked.set()
            try:
                await reader.read()  # the end, or a reset
            finally:
                gone.set()
        writer.write(HELLO)

    async with serve(answer) as port, loops(1, concurrency=3) as running:
        inspecting = asyncio.create_task(running.inspect([f"http://127.0.0.1:{port}/silent"] * 50))
        await asked.wait()
        inspecting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await inspecting
        async with asyncio.timeout(DEADLINE_S):
            await gone.wait()
            assert len(await running.inspect([f"http://127.0.0.1:{port}/"] * 5)) == 5
        assert running.told(Inspected) == 5


async def test_a_cancelled_run_tells_at_which_stage_each_url_was_and_nothing_of_those_not_begun() -> None:
    told: list[Gathered] = []
    asked, greeted = asyncio.Event(), asyncio.Event()

    async def keep_silent(_: bytes, reader: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        asked.set()
        await reader.read()

    async def hold(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read(1)  # a client's hello
        greeted.set()
        await reader.read()

    async with (
        serve(keep_silent) as port,
        await asyncio.start_server(hold, "127.0.0.2", 0) as holding,
        loops(2, concurrency=4, per_host=1) as running,
    ):
        silent = f"http://127.0.0.1:{port}/"
        greeting = f"https://127.0.0.2:{holding.sockets[0].getsockname()[1]}/"
        source = ListSource([silent, greeting, silent])  # the last one has to wait for its host's turn
        options = fetch_options(running.settings)
        run = asyncio.create_task(running.many.run(source, options, lambda _: None, told.append))
        async with asyncio.timeout(DEADLINE_S):
            await asked.wait()
            await greeted.wait()
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
        assert len(await running.inspect([REFUSED] * 5)) == 5
    stages = {gathered.seq: gathered.failure and gathered.failure.stage for gathered in told}
    assert stages == {1: "exchange", 2: "tls"}
    assert all(gathered.unanswered is not None for gathered in told), "both were connected"


async def test_a_process_that_does_not_tell_what_was_cut_short_is_not_waited_for_long() -> None:
    told: list[Gathered] = []
    asked = asyncio.Event()

    async def keep_silent(_: bytes, reader: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        asked.set()
        await reader.read()

    async with serve(keep_silent) as port, loops(1) as running:
        source = ListSource([f"http://127.0.0.1:{port}/"])
        run = asyncio.create_task(
            running.many.run(source, fetch_options(running.settings), lambda _: None, told.append)
        )
        await asked.wait()
        pid = running.processes[0].pid
        assert pid is not None
        with stopped(pid):
            run.cancel()
            async with asyncio.timeout(DEADLINE_S):
                with pytest.raises(asyncio.CancelledError):
                    await run
        assert len(await running.inspect([REFUSED] * 5)) == 5
    assert told == []


async def test_what_keeps_a_loop_from_starting_is_told_as_with_one_loop(tmp_path: Path) -> None:
    settings = Settings(ca_file=tmp_path / "absent", loops=2)
    told = []
    for count in (1, 2):
        with pytest.raises(UsageError) as refused:
            async with open_inspector(settings.model_copy(update={"loops": count}), lambda _: None):
                pass
        told.append(refused.value.faults)
    assert told[0] == told[1]


async def test_a_loop_that_dies_before_it_takes_work_is_told_in_a_line() -> None:
    process = await start_process(_die, "a test's loop")
    with pytest.raises(NoWorkers, match="--loops"):
        await process.ready()
    await process.kill()


async def test_what_may_be_used_together_is_divided_and_none_is_without() -> None:
    values = {**HURRY, "loops": 3, "concurrency": 4, "workers": 1, "checks": "all"}
    async with open_inspector(Settings.model_validate(values), lambda _: None) as inspector:
        assert inspector.concurrency == 4
        assert inspector.workers == 3
        assert inspector.alive
        assert (inspector.inflight, inspector.under_way, inspector.queued) == (0, 0, 0)
    values = {**HURRY, "loops": 3, "concurrency": 2}
    async with open_inspector(Settings.model_validate(values), lambda _: None) as inspector:
        assert inspector.concurrency == 2  # and two processes


async def test_how_urls_are_fetched_crosses_whole() -> None:
    values = {"header": "X: ü", "method": "get", "timeout": 3.5, "insecure": True, "url_limit": 100}
    begin = Begin(7, fetch_options(Settings.model_validate(values)), None, tells_cut=False)
    assert await read_order(_reader(write_message(begin))) == begin
    assert begin.options != FetchOptions()


async def test_a_message_that_is_cut_is_the_end() -> None:
    message = write_message(News(1, 2, 3, alive=True, lags_s=[0.5]))
    for size in range(len(message)):
        assert await read_report(_reader(message[:size])) is None
    assert await read_report(_reader(message)) == News(1, 2, 3, alive=True, lags_s=[0.5])


async def test_records_that_nobody_takes_hold_up_who_delivers_them() -> None:
    ours, theirs = socket.socketpair()
    _, writer = await asyncio.open_unix_connection(sock=ours)
    reader, other = await asyncio.open_unix_connection(sock=theirs)
    outbox = Outbox(writer)
    async with open_inspector(Settings.model_validate(HURRY), outbox.tell) as inspector:
        outbox.observe(inspector)
        verdict = Verdict(1, b"x" * 10_000, None, 200, None, NO_FINDINGS, 1.0, 0.0)
        room, delivered = None, 0
        while room is None:
            room = outbox.deliver(1, verdict)
            delivered += 1
            assert delivered * 10_000 < 10 * UNSENT_LIMIT_BYTES
        waiting = asyncio.ensure_future(room)
        await asyncio.sleep(0)
        assert not waiting.done()
        outbox.end(1)
        taken, over = 0, False
        while not over:
            news = await read_report(reader)
            assert isinstance(news, News)
            taken += len(news.verdicts)
            over = bool(news.over)
        await waiting
    assert taken == delivered
    for end in (writer, other):
        end.close()


async def test_events_of_a_loop_are_told_with_its_news() -> None:
    ours, theirs = socket.socketpair()
    _, writer = await asyncio.open_unix_connection(sock=ours)
    reader, other = await asyncio.open_unix_connection(sock=theirs)
    outbox = Outbox(writer)
    async with open_inspector(Settings.model_validate(HURRY), outbox.tell) as inspector:
        outbox.observe(inspector)
        timing = Timing(1.0, 2.0, None, 4.0)
        exchange = Exchange("http://a/", "HEAD", "192.0.2.1:80", b"", None, timing)
        fetched = Fetched(Gathered(1, "a", None, (exchange,), None, 0.0, 0.0))
        for event in (fetched, _crash(), LoopLagged(0.5)):
            outbox.tell(event)
        news = await read_report(reader)
    assert isinstance(news, News)
    assert news.spent == [(1.0, 2.0, None, 4.0)]
    assert news.lags_s == [0.5]
    ((url, text),) = news.crashes
    assert url == "http://a/"
    assert "test_many.py" in text
    assert text.endswith("ZeroDivisionError: division by zero\n")
    for end in (writer, other):
        end.close()


async def test_a_fed_source_gives_what_it_is_fed_until_it_ends() -> None:
    source = FedSource(None)
    waiting = [asyncio.create_task(source.next()) for _ in range(3)]
    await asyncio.sleep(0)
    source.feed([Target(1, "a"), Target(2, "b")])
    source.end()
    targets = await asyncio.gather(*waiting)
    assert [target and target.seq for target in targets] == [1, 2, None]
    stopped = []
    source.on_stop(lambda: stopped.append(True))
    source.feed([Target(3, "c")])
    source.stop()
    assert (source.take(), stopped) == (None, [True])


def _crash() -> FetchCrashed:
    try:
        return FetchCrashed("http://a/", ValueError(1 / 0))
    except ZeroDivisionError as error:
        return FetchCrashed("http://a/", error)


def _reader(data: bytes) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    return reader


def _heard(answer):  # type: ignore[no-untyped-def]
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answer(await reader.readuntil(b"\r\n\r\n"), reader, writer)
        writer.close()

    return handle


def _owners(connections: Mapping[Ends, str], pids: Sequence[int]) -> dict[str, set[int]]:
    """To which processes' sockets each value belongs: two loops can have the same port towards different
    addresses. As /proc/net/tcp has it, both ends are the second and third field, the inode the tenth. It is
    read again where a line was missed, as one can be while others come and go."""
    inodes: dict[str, str] = {}
    for _ in range(READS_LIMIT):
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
            fields = line.split()
            if (name := connections.get((fields[1], fields[2]))) is not None:
                inodes[f"socket:[{fields[9]}]"] = name
        if len(inodes) == len(connections):
            break
    owners = defaultdict[str, set[int]](set)
    for pid in pids:
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):  # it was closed meanwhile
                if (name := inodes.get(str(entry.readlink()))) is not None:
                    owners[name].add(pid)
    return owners


def _hexadecimal(end: tuple[str, int]) -> str:
    return f"{socket.inet_aton(end[0])[::-1].hex().upper()}:{end[1]:04X}"


def _die(_: socket.socket) -> None:
    os.kill(os.getpid(), signal.SIGKILL)
