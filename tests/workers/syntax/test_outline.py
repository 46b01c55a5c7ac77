"""Responses have an outline in common where they differ only in what passes."""

import pytest

from workers.syntax.head import Field
from workers.syntax.outline import REPEATED, Fields, with_outline


@pytest.mark.parametrize(
    "fields",
    [
        (("Date", "now"), ("A", "2")),
        (("date", "now"), ("A", "1")),
        (("A", "1"), ("Date", "now")),
        (("A", "1"),),
        (("Date", "now"), ("A", "1"), ("A", "1")),
    ],
)
def test_outlines_differ_in_what_lasts_and_in_names_and_places(fields: tuple[Field, ...]) -> None:
    assert with_outline(fields).outline != with_outline((("Date", "then"), ("A", "1"))).outline


def test_an_outline_tells_what_lasts_by_name_and_all_names() -> None:
    found = with_outline((("A", "1"), ("Date", "now"), ("a", "2"))).outline
    assert found.lasting == (("A", "1"), ("a", "2"))
    assert found.by_name == {"a": ("1", "2"), "date": None}
    assert found.names == {"a", "date"}


def test_fields_are_a_sequence_of_what_was_sent() -> None:
    sent = (("Date", "now"), ("A", "1"), ("Age", "0"))
    fields = Fields(with_outline(sent).outline, ["now", "0"])
    assert fields.write() == with_outline(sent).write() == b'[["Date","now"],["A","1"],["Age","0"]]'
    assert (len(fields), fields[1], fields[1:], list(fields)) == (3, sent[1], sent[1:], list(sent))
    assert fields == sent
    assert fields != (*sent, ("B", "1"))
    assert hash(fields) == hash(with_outline(sent))


def test_no_fields_are_written_as_none() -> None:
    assert Fields(with_outline(()).outline, []).write() == b"[]"


def test_fields_tell_the_values_of_a_name() -> None:
    sent = (("Expires", "0"), ("Date", "now"), ("A", "1"), ("a", "2"), ("expires", "then"), ("ETag", '"a"'))
    fields = with_outline(sent)
    assert (fields.values("expires"), fields.values("a")) == (("0", "then"), ("1", "2"))
    assert (fields.values("date"), fields.values("b")) == (("now",), ())
    assert fields.outline.places == {"expires": REPEATED, "date": 0, "etag": 2}
