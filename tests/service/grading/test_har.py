"""A HAR file is read whole, within a bound."""

import io

import pytest

from service.errors import UsageError
from service.grading import har
from service.grading.text import Text
from workers.grading.halves import NO_BYTE

DOCUMENT = b'{"log": {"entries": [{"a": 1}, {"b": 2}]}}'


def text_of(document: bytes) -> Text:
    return Text(io.BufferedReader(io.BytesIO(document)), "a.har")


def test_each_entry_is_a_piece() -> None:
    (pieces,) = har.cut_har(text_of(DOCUMENT))
    assert [(piece.where, piece.parts) for piece in pieces] == [
        ("entry 1", (b'{"a": 1}',)),
        ("entry 2", (b'{"b": 2}',)),
    ]


def test_one_that_is_too_long_is_refused_with_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(har, "LIMIT_BYTES", len(DOCUMENT) - 1)
    with pytest.raises(UsageError) as refused:
        list(har.cut_har(text_of(DOCUMENT)))
    (fault,) = refused.value.faults
    assert fault.startswith(
        f"a.har: expected a HAR file of at most {len(DOCUMENT) - 1} bytes, got a longer one"
    )


def test_what_no_text_can_be_made_of_costs_its_entry_alone() -> None:
    """`"\\udce9"` is how Python's programs write a byte that is no UTF-8."""
    document = rb'{"log": {"comment": "\ud800", "entries": [{"a": "\ud83d"}, {"b": "' + b'\xff"}, {"c": 1}]}}'
    (pieces,) = har.cut_har(text_of(document))
    assert [piece.parts for piece in pieces] == [
        (b'{"a": "%b"}' % NO_BYTE,),
        (b'{"b": "\xff"}',),
        (b'{"c": 1}',),
    ]


def test_a_fault_behind_such_text_is_told_by_its_own_column() -> None:
    document = rb'{"log": {"entries": [{"a": "\udce9"} {"b": 1}]}}'
    with pytest.raises(UsageError) as refused:
        list(har.cut_har(text_of(document)))
    column = document.index(b'{"b"') + 1
    assert f"line 1, column {column}: " in refused.value.faults[0]
