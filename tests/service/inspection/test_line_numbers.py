"""The line of each URL, through the reader of lists."""

import gzip
import io
import random

import pytest

from service.inspection.line_numbers import LineNumbers
from service.inspection.lines import BLOCK_BYTES, LINE_LIMIT_BYTES, read_targets


def lines_of(data: bytes) -> dict[str, int]:
    """Of each URL its line."""
    numbers = LineNumbers()
    file = io.BufferedReader(io.BytesIO(data))  # type: ignore[arg-type]  # a raw file in all but name
    targets = [target for block in read_targets(file, "list", numbers.note) for target in block]
    return {target.input[:20]: numbers.line_of(target.seq) for target in targets}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a\nb\nc", {"a": 1, "b": 2, "c": 3}),
        (b"# x\n\na\n\n \nb\nc\n# y\nd\n", {"a": 3, "b": 6, "c": 7, "d": 9}),
        (b"\xef\xbb\xbf# x\na\n", {"a": 2}),
        (b"\xff\na\n", {"\\xff": 1, "a": 2}),
        (b"\n\n\n", {}),
        (gzip.compress(b"\na\n"), {"a": 2}),
    ],
)
def test_a_url_has_the_number_of_its_line(data: bytes, expected: dict[str, int]) -> None:
    assert lines_of(data) == expected


def test_a_line_that_is_cut_counts_as_one() -> None:
    long = b"x" * (3 * LINE_LIMIT_BYTES)
    assert lines_of(b"a\n" + long + b"\nb\n") == {"a": 1, "x" * 20: 2, "b": 3}


def test_lines_are_counted_across_blocks() -> None:
    shuffled = random.Random(1)
    lines = [shuffled.choice([f"u{number}", f"u{number}", "# none", ""]) for number in range(BLOCK_BYTES)]
    expected = {line: number for number, line in enumerate(lines, 1) if line.startswith("u")}
    assert lines_of("\n".join(lines).encode()) == expected


def test_a_long_list_without_comments_is_one_place() -> None:
    numbers = LineNumbers()
    file = io.BufferedReader(io.BytesIO(b"u\n" * 10 * BLOCK_BYTES))  # type: ignore[arg-type]
    assert sum(map(len, read_targets(file, "list", numbers.note))) == 10 * BLOCK_BYTES
    assert numbers.line_of(10 * BLOCK_BYTES) == 10 * BLOCK_BYTES
    # A block ends behind a line's end, and what follows begins on the next line.
    assert len(numbers._lines) == 1
