"""The pieces of an input, as `grade` is given them: when they begin, and when they do not."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from service.errors import UsageError
from service.grading.source import PieceSource
from workers.grading.given import Piece

PIECE = Piece("line", "line 1", ())


def nothing() -> Iterator[list[Piece]]:
    return iter(())


def broken() -> Iterator[list[Piece]]:
    raise UsageError("line 1: no format")
    yield []


def broken_later() -> Iterator[list[Piece]]:
    yield [PIECE]
    raise UsageError("line 2: no format")


@pytest.mark.parametrize(
    ("cut", "begins"),
    [(nothing, True), (broken_later, True), (broken, False)],
    ids=["nothing", "broken later", "broken"],
)
async def test_an_input_that_breaks_before_its_first_piece_does_not_begin(cut: object, begins: bool) -> None:
    source = PieceSource(cut, "input")  # type: ignore[arg-type]  # one of those above
    assert await source.begins() is begins


async def test_an_input_that_is_stopped_before_its_first_piece_does_not_begin() -> None:
    stopped = threading.Event()

    def held_up() -> Iterator[list[Piece]]:
        stopped.wait()
        return iter(())

    source = PieceSource(held_up, "input")
    beginning = asyncio.create_task(source.begins())
    await asyncio.sleep(0)
    source.stop()
    assert not await beginning
    stopped.set()
