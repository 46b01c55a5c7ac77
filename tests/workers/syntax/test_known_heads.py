"""A head that is read by what is known of its like is what it is by itself."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.syntax import known_heads
from workers.syntax.head import Head, parse_head
from workers.syntax.known_heads import forget, read_head
from workers.syntax.outline import with_outline

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
        alone, (head, fields) = parse_head(sent), read_head(sent)
        assert fields.write() == msgspec.json.encode(alone.fields)  # before they are asked for one by one
        assert Head(head.version, head.status, head.reason, tuple(fields), head.defects) == alone
        apart = with_outline(alone.fields)
        assert (fields.outline, fields.passing) == (apart.outline, apart.passing)
        assert all(fields.values(name) == apart.values(name) for name in apart.outline.names)


def test_heads_that_differ_in_what_passes_have_one_outline() -> None:
    forget()
    _, first = read_head(raw("HTTP/1.1 200 OK", "Date: now", "A: 1", "Expires: 0"))
    _, second = read_head(raw("HTTP/1.1 200 OK", "Date: then", "A: 1", "Expires: 0"))
    assert first.outline is second.outline
    assert second.outline.alike == ("Date", ("A", "1"), ("Expires", "0"))
    assert second.passing == ["then"]


def test_what_is_known_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_heads, "HEADS_KEPT", 5)
    forget()
    for number in range(12):
        read_head(raw("HTTP/1.1 200 OK", f"A: {number}"))
        assert len(known_heads._known) <= 5
    read_head(raw("HTTP/1.1 200 OK", "A: " + "x" * known_heads.KEPT_LENGTH))
    read_head(raw("HTTP/1.1 200 OK", *["A: 1"] * (known_heads.KEPT_FIELDS + 1)))
    assert len(known_heads._known) == 2


def test_a_head_whose_passing_value_is_long_is_read_anew() -> None:
    forget()
    _, fields = read_head(raw("HTTP/1.1 200 OK", f'ETag: "{"x" * known_heads.KEPT_VALUE}"'))
    assert not known_heads._known
    assert fields.pass_plainly
