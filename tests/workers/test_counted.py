"""Findings are counted in a worker, and read as they were on the other side."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.counted import LISTS_KEPT, NO_FINDINGS, Counted, read_counted, write_counted
from workers.model import SEVERITIES

LISTS = st.lists(st.tuples(st.text(max_size=40), st.sampled_from(SEVERITIES)), max_size=300).map(tuple)


@given(LISTS)
def test_what_is_read_is_what_was_written(counted: Counted) -> None:
    assert read_counted(write_counted(counted)) == counted


def test_none_are_none() -> None:
    assert read_counted(NO_FINDINGS) == ()


def test_a_finding_is_one_object_in_all_lists() -> None:
    one, other = (("a", "low"),), (("b", "high"), ("a", "low"))
    assert read_counted(write_counted(one))[0] is read_counted(write_counted(other))[1]


@pytest.mark.parametrize("written", [b"", b"\xc0", b"\x91\x91\xa1a", b"\x91\x92\xa1a\xa4most"])
def test_anything_else_is_refused(written: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        read_counted(written)


def test_what_is_kept_is_bounded() -> None:
    for number in range(LISTS_KEPT + 8):
        read_counted(write_counted(tuple((f"{number}.{each}", "low") for each in range(4))))
    assert read_counted.cache_info().currsize == LISTS_KEPT
