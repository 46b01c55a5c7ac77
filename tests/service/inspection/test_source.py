"""Lists of URLs: what counts as a line, and where a broken list breaks."""

import asyncio
import errno
import gzip
import io
import os
import time
from collections import deque
from pathlib import Path

import pytest

from service.inspection.lines import BLOCK_BYTES, LINE_LIMIT_BYTES, count_targets
from service.inspection.source import LINES_AHEAD, FileSource, ListSource
from service.model import Target


def open_bytes(data: bytes) -> io.BufferedReader:
    return io.BufferedReader(io.BytesIO(data))  # type: ignore[arg-type]  # BytesIO does as a raw stream


async def drain(source: FileSource | ListSource) -> list[Target]:
    targets = []
    while (target := await source.next()) is not None:
        targets.append(target)
    return targets


async def read(data: bytes) -> tuple[list[Target], str | None]:
    source = FileSource(open_bytes(data), "list")
    targets = await drain(source)
    return targets, str(source.fault) if source.fault else None


async def test_a_list_in_memory_is_numbered_from_one() -> None:
    source = ListSource(["a", "b"])
    assert source.size == 2
    assert await drain(source) == [Target(1, "a"), Target(2, "b")]


@pytest.mark.parametrize(
    "data",
    [
        b"a\nb\n",
        b"a\nb",
        b"a\r\nb\r\n",
        b"\xef\xbb\xbfa\nb\n",
        b"\n# comment\n  a \n\n\t#x\nb\n\n",
        gzip.compress(b"a\nb\n"),
        gzip.compress(b"a\n") + gzip.compress(b"b\n"),
    ],
    ids=["lf", "no end", "crlf", "mark", "comments", "gzip", "gzip members"],
)
async def test_each_line_is_a_target_but_blank_lines_and_comments(data: bytes) -> None:
    assert await read(data) == ([Target(1, "a"), Target(2, "b")], None)


@pytest.mark.parametrize(
    ("data", "begins"),
    [
        (b"# x\na\n", True),
        (b"", True),
        (gzip.compress(b"a\n" * 500_000)[:-8], True),
        (b"\xff\xfea\x00", False),
        (b"\x1f\x8b no gzip", False),
    ],
    ids=["a line", "nothing", "broken later", "UTF-16", "no gzip"],
)
async def test_a_list_that_breaks_before_its_first_url_does_not_begin(data: bytes, begins: bool) -> None:
    source = FileSource(open_bytes(data), "list")
    assert await source.begins() is begins
    assert ((await source.next()) is not None) == (begins and bool(data))


async def test_a_list_that_is_stopped_before_its_first_url_does_not_begin() -> None:
    reading, writing = os.pipe()
    # Closed as descriptors, at the end: the reader may still be in the file, or on its way there.
    source = FileSource(open(reading, "rb", closefd=False), "pipe")  # noqa: SIM115
    beginning = asyncio.create_task(source.begins())
    await asyncio.sleep(0)
    source.stop()
    assert not await beginning
    os.close(writing)
    os.close(reading)


async def test_nor_does_one_that_was_read_whole_and_stopped_then() -> None:
    source = FileSource(open_bytes(b"a\n"), "list")
    assert await source.begins()
    source.stop()
    assert not await source.begins()
    listed = ListSource(["a"])
    assert await listed.begins()
    listed.stop()
    assert not await listed.begins()


async def test_an_empty_list_has_none() -> None:
    assert await read(b"") == ([], None)


async def test_a_line_that_is_no_utf8_keeps_its_place_and_says_what_is_wrong() -> None:
    (first, second), fault = await read(b"a\nb\xffc\n")
    assert (first.input, fault) == ("a", None)
    assert second == Target(2, "b\\xffc", "line 2, byte 3: expected UTF-8, got the byte 0xff")


async def test_an_endless_line_is_not_held_whole() -> None:
    targets, fault = await read(b"a\n" + b"x" * (3 * LINE_LIMIT_BYTES) + b"\nb\n")
    assert [len(target.input) for target in targets] == [1, LINE_LIMIT_BYTES, 1]
    assert fault is None


async def test_a_gzip_that_ends_early_gives_what_came_before_and_the_place() -> None:
    lines = b"".join(f"http://{os.urandom(8).hex()}/\n".encode() for _ in range(5_000))
    targets, fault = await read(gzip.compress(lines)[:-2_000])
    assert 0 < len(targets) < 5_000
    assert fault is not None
    begin = sum(len(target.input) + 1 for target in targets)
    assert fault.startswith(f"list: line {len(targets) + 1}, byte {begin}: cannot be read: ")


async def test_a_list_in_utf16_is_refused() -> None:
    assert await read("a\nb\n".encode("utf-16")) == (
        [],
        "list: line 1, byte 0: expected UTF-8 text or gzip, got UTF-16",
    )


async def test_a_line_from_a_pipe_is_given_before_the_next_is_written() -> None:
    receiver, sender = os.pipe()
    with os.fdopen(receiver, "rb") as file:
        source = FileSource(file, "pipe")
        for seq, text in enumerate(("a", "b", "c"), 1):
            os.write(sender, f"{text}\n".encode())
            assert await source.next() == Target(seq, text)
        os.close(sender)
        assert await source.next() is None


async def test_several_tasks_share_a_list_of_any_length() -> None:
    count = LINES_AHEAD * 5
    source = FileSource(open_bytes(b"".join(b"%d\n" % n for n in range(count))), "list")
    parts = await asyncio.gather(*(drain(source) for _ in range(8)))
    assert sorted(target.seq for part in parts for target in part) == list(range(1, count + 1))


async def test_no_more_than_a_bound_is_read_ahead() -> None:
    source = FileSource(open_bytes(b"x\n" * BLOCK_BYTES * 10), "list")
    await source.next()
    await asyncio.to_thread(time.sleep, 0.1)  # time enough for the reader to go too far
    assert len(source._ready) <= LINES_AHEAD + BLOCK_BYTES // 2


async def test_a_stopped_source_gives_no_more_even_to_those_who_wait() -> None:
    receiver, sender = os.pipe()
    # Closed as descriptors, at the end: the reader may still be in the file, or on its way there.
    source = FileSource(open(receiver, "rb", closefd=False), "pipe")  # noqa: SIM115
    waiting = asyncio.create_task(source.next())
    await asyncio.sleep(0)
    source.stop()
    assert await waiting is None
    os.close(sender)
    os.close(receiver)


def test_targets_are_counted_where_they_can_be(tmp_path: Path) -> None:
    file = tmp_path / "list"
    file.write_bytes(b"a\n# b\n\nc\n")
    assert count_targets(file) == 2
    assert count_targets(tmp_path) is None
    assert count_targets(tmp_path / "absent") is None


class Unreadable(io.RawIOBase):
    """What opens and cannot be read: a failing disk, another process's memory."""

    def readable(self) -> bool:
        return True

    def readinto(self, _: object) -> int:
        raise OSError(errno.EIO, "Input/output error")


async def test_a_file_whose_first_byte_cannot_be_read_ends_with_what_was_wrong() -> None:
    source = FileSource(io.BufferedReader(Unreadable()), "list")
    assert await asyncio.wait_for(source.next(), 5) is None
    assert str(source.fault) == "list: cannot be read: [Errno 5] Input/output error"


class LastMoment(deque[Target]):
    """Ready targets, to which the reader adds its last, and ends, just after somebody has found none."""

    def __init__(self, source: FileSource) -> None:
        super().__init__()
        self._source = source
        self._looks = 0

    def __bool__(self) -> bool:
        found = len(self) > 0
        self._looks += 1
        if self._looks == 2:  # the look that decides
            self.append(Target(1, "a"))
            self._source._ended = True
            self._source._tell()
        return found


async def test_the_last_line_is_given_though_the_reader_ends_while_one_looks_for_more() -> None:
    reading, writing = os.pipe()
    source = FileSource(open(reading, "rb", closefd=False), "list")  # noqa: SIM115 - the reader may still be in it
    source._ready = LastMoment(source)
    try:
        assert await asyncio.wait_for(source.next(), 5) == Target(1, "a")
    finally:
        os.close(writing)
        os.close(reading)
