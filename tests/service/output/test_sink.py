"""The sink: off the loop, in order, bounded, whole lines, errors kept."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from service.errors import OutputError
from service.output import sink as module
from service.output.sink import Sink


def new_sink(fd: int, **options: object) -> Sink[bytes]:
    return Sink(fd, "the output", encode=bytes, weigh=len, **options)  # type: ignore[arg-type]  # a few keywords


async def deliver(sink: Sink[bytes], item: bytes) -> None:
    room = sink.deliver(item)
    if room is not None:
        await room


async def test_items_are_written_in_order_after_the_beginning(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as file:
        sink = new_sink(file.fileno(), begin=b"begin\n")
        for number in range(1_000):
            await deliver(sink, b"%d\n" % number)
        await sink.close()
        sink.check()
    lines = (tmp_path / "out").read_bytes().splitlines()
    assert lines == [b"begin", *(b"%d" % number for number in range(1_000))]


async def test_what_is_flushed_has_been_written(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as file:
        sink = new_sink(file.fileno())
        for text in (b"one\n", b"two\n"):
            await deliver(sink, text)
            await sink.flush()
            assert (tmp_path / "out").read_bytes().endswith(text)
        await sink.close()


async def test_nothing_delivered_writes_the_beginning_alone(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as file:
        sink = new_sink(file.fileno(), begin=b"begin\n")
        await sink.close()
    assert (tmp_path / "out").read_bytes() == b"begin\n"


async def test_a_full_pipe_holds_up_those_who_deliver_and_not_the_loop() -> None:
    reader, writer = os.pipe()
    sink = new_sink(writer)
    line = b"x" * 99_999 + b"\n"
    delivered = 0

    async def deliver_all() -> None:
        nonlocal delivered
        for _ in range(100):
            await deliver(sink, line)
            delivered += 1
        await sink.close()

    task = asyncio.create_task(deliver_all())
    held_up = asyncio.Event()
    asyncio.get_running_loop().call_later(0.05, held_up.set)
    await held_up.wait()  # the loop runs, though nobody reads
    assert delivered * len(line) <= module.WAITING_LIMIT_BYTES + len(line)

    def read_all() -> int:
        total = 0
        while data := os.read(reader, 1 << 20):
            total += len(data)
        return total

    reading = asyncio.create_task(asyncio.to_thread(read_all))
    await task
    os.close(writer)
    received = await reading
    os.close(reader)
    assert (delivered, received) == (100, 100 * len(line))


async def test_the_first_error_is_kept_and_told_and_later_items_are_dropped() -> None:
    told = asyncio.Event()
    with Path("/dev/full").open("wb", buffering=0) as file:
        sink = new_sink(file.fileno(), on_break=told.set)
        await deliver(sink, b"one\n")
        await told.wait()
        for _ in range(10_000):
            await deliver(sink, b"x" * 10_000)
        await sink.close()
    with pytest.raises(OutputError, match="the output: the output cannot be written: No space left"):
        sink.check()


async def test_an_error_tells_how_many_were_written() -> None:
    with Path("/dev/full").open("wb", buffering=0) as file:
        sink = new_sink(file.fileno())
        await deliver(sink, b"one\n")
        await sink.close()
    with pytest.raises(OutputError, match=r"No space left on device; 0 lines were written$"):
        sink.check("lines")


async def test_those_who_wait_are_freed_by_an_error() -> None:
    reader, writer = os.pipe()
    sink = new_sink(writer)
    waiting = [asyncio.create_task(deliver(sink, b"x" * module.WAITING_LIMIT_BYTES)) for _ in range(3)]
    await asyncio.sleep(0)
    assert not any(task.done() for task in waiting[1:])
    os.close(reader)
    await asyncio.gather(*waiting)
    await sink.close()
    os.close(writer)
    with pytest.raises(OutputError, match="Broken pipe"):
        sink.check()


async def test_a_fault_in_a_format_is_no_output_error(tmp_path: Path) -> None:
    def encode(_: bytes) -> bytes:
        raise ZeroDivisionError

    with (tmp_path / "out").open("wb") as file:
        sink: Sink[bytes] = Sink(file.fileno(), "out", encode, weigh=len)
        await deliver(sink, b"one")
        await sink.close()
    with pytest.raises(ZeroDivisionError):
        sink.check()


async def test_abandoning_ends_the_line_under_way_in_a_pipe_that_nobody_reads() -> None:
    reader, writer = os.pipe()
    sink = new_sink(writer)
    line = b"x" * 999 + b"\n"
    for _ in range(200):
        await deliver(sink, line)
    begun = asyncio.Event()
    asyncio.get_running_loop().add_reader(reader, begun.set)
    await begun.wait()
    asyncio.get_running_loop().remove_reader(reader)
    assert await asyncio.to_thread(sink.abandon)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        written = pipe.read()
    assert written
    assert set(written.splitlines(keepends=True)) == {line}


def test_a_line_that_an_error_cut_is_taken_out_of_a_file_again(tmp_path: Path) -> None:
    path = tmp_path / "out"
    with path.open("wb", buffering=0) as file:
        file.write(b"whole\nbegun and cu")
        module._take_back(file.fileno(), len(b"begun and cu"))
        file.write(b"next\n")
    assert path.read_bytes() == b"whole\nnext\n"


async def test_a_file_at_its_size_limit_holds_whole_lines(tmp_path: Path) -> None:
    """The kernel writes as much as fits, and fails the rest: as on a disk that fills up."""
    script = (
        "import asyncio, resource, signal, sys\n"
        "from service.output.sink import Sink\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10_050, 10_050))\n"
        "async def main():\n"
        "    with open(sys.argv[1], 'wb', buffering=0) as file:\n"
        "        sink = Sink(file.fileno(), 'out', bytes, len)\n"
        "        for _ in range(200):\n"
        "            sink.deliver(b'x' * 99 + b'\\n')\n"
        "        await sink.close()\n"
        "        assert isinstance(sink.error, OSError), sink.error\n"
        "        assert sink.items_written == 100, sink.items_written\n"
        "asyncio.run(main())\n"
    )
    await asyncio.to_thread(subprocess.run, [sys.executable, "-c", script, tmp_path / "out"], check=True)
    written = (tmp_path / "out").read_bytes()
    assert len(written) == 10_000


async def test_the_end_comes_behind_the_last_item(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as file:
        sink = new_sink(file.fileno(), begin=b"[")
        for number in range(3):
            await deliver(sink, b"%d" % number)
        await sink.close(iter([b"]", b"\n"]))
        sink.check()
    assert (tmp_path / "out").read_bytes() == b"[012]\n"


async def test_what_is_abandoned_is_ended_too(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as file:
        sink = new_sink(file.fileno(), begin=b"[")
        await deliver(sink, b"1")
        assert sink.abandon([b"]"])
    assert (tmp_path / "out").read_bytes() in (b"[]", b"[1]")


async def test_an_end_that_cannot_be_written_is_an_error() -> None:
    with Path("/dev/full").open("wb", buffering=0) as file:
        sink = new_sink(file.fileno())
        await sink.close([b"]"])
        with pytest.raises(OutputError, match="No space left on device"):
            sink.check()
