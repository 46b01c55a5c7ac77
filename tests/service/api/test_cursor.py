"""Cursors: given for one list, and good for that alone."""

import re

import pytest

from service.api.cursor import JOBS, PATTERN, read_cursor, write_cursor


@pytest.mark.parametrize("position", [0, 1, 100, 5_000_000, (1 << 48) - 1])
def test_a_position_comes_back(position: int) -> None:
    cursor = write_cursor("job", position)
    assert re.fullmatch(PATTERN, cursor)
    assert read_cursor("job", cursor) == position


def test_one_of_another_list_is_none() -> None:
    assert read_cursor("job", write_cursor("other", 7)) is None
    assert read_cursor(JOBS, write_cursor("job", 7)) is None


@pytest.mark.parametrize("text", ["", "7", "x" * 12, "A" * 11, "A" * 13, "é" * 12, "=" * 12, "A A A A A A "])
def test_what_was_made_up_is_none(text: str) -> None:
    assert read_cursor("job", text) is None
