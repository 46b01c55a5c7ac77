"""A head that is read by what is known of its like is what it is by itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.syntax import outline
from workers.syntax.head import Field, parse_head
from workers.syntax.outline import forget, outline_of, read_head

MOVING = "Thu, 19 Nov 2026 08:52:00 GMT"
LINES = st.sampled_from(
    ["A: 1", "a: 2", "Set-Cookie: a=1", "Date: now", "date: then", "DATE:now", "Date: now ", "Date:\tnow\t",
     "Date:", "Date: \xe9", "Date: a\x00b", "Date : now", " folded", "Age: 1", "Age: 1\r", "ETag: \"a\"",
     "etag: \"b\"", "Expires: 0", "Expires: 0 ", "expires: -1", f"Expires: {MOVING}", f"EXPIRES: {MOVING}",
     "Expires: Thu, 19 Nov 1981 08:52:00 GMT", "Expires: Thu, 19 Nov 1981 08:52:00 GMT, 0",
     "Last-Modified: x", "Last-Modified:", "no colon", "", "date"]
)  # fmt: skip
HEADS = st.tuples(st.sampled_from(["HTTP/1.1 200 OK", "HTTP/1.0 404"]), st.lists(LINES, max_size=6))


def raw(*lines: str) -> bytes:
    return "\r\n".join((*lines, "", "")).encode("latin-1")


@given(st.lists(HEADS, min_size=1, max_size=8))
def test_a_head_is_read_as_if_none_had_come_before(heads: list[tuple[str, list[str]]]) -> None:
    forget()
    for status_line, lines in heads:
        sent = raw(status_line, *lines)
        alone, read = parse_head(sent), read_head(sent)
        assert read == alone
        assert outline_of(read.fields) == outline_of(tuple(alone.fields))


def test_heads_that_differ_in_what_passes_have_one_outline() -> None:
    forget()
    first = read_head(raw("HTTP/1.1 200 OK", "Date: now", "A: 1", "Expires: 0"))
    second = read_head(raw("HTTP/1.1 200 OK", "Date: then", "A: 1", "Expires: 0"))
    assert outline_of(first.fields)[0] is outline_of(second.fields)[0]
    found, passing = outline_of(second.fields)
    assert (found.alike, passing) == (("Date", ("A", "1"), ("Expires", "0")), {"date": ("then",)})


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
    assert outline_of(fields)[0] != outline_of((("Date", "then"), ("A", "1")))[0]


def test_an_outline_tells_what_lasts_by_name_and_all_names() -> None:
    found = outline_of((("A", "1"), ("Date", "now"), ("a", "2")))[0]
    assert (found.lasting, found.by_name) == ((("A", "1"), ("a", "2")), {"a": ("1", "2")})
    assert found.names == {"a", "date"}


def test_what_is_known_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outline, "HEADS_KEPT", 5)
    forget()
    for number in range(12):
        read_head(raw("HTTP/1.1 200 OK", f"A: {number}"))
        assert len(outline._known) <= 5
    read_head(raw("HTTP/1.1 200 OK", "A: " + "x" * outline.KEPT_LENGTH))
    read_head(raw("HTTP/1.1 200 OK", *["A: 1"] * (outline.KEPT_FIELDS + 1)))
    assert len(outline._known) == 2
