"""Media types, as WHATWG MIME Sniffing and Fetch read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workers.growth import is_linear
from workers.syntax.media_types import LIMIT, extract_media_type, parse_media_type, split_values


@pytest.mark.parametrize(
    ("text", "serialised"),
    [
        ("text/html", "text/html"),
        (" Text/HTML ; Charset=UTF-8 ", "text/html;charset=UTF-8"),
        ('text/html;charset="a b"', 'text/html;charset="a b"'),
        ('text/html;charset="utf-8', "text/html;charset=utf-8"),
        ('text/html;x="a\\"b"junk;y=1', 'text/html;x="a\\"b";y=1'),
        ('text/html;x=""', 'text/html;x=""'),
        ("text/html;x=;;y", "text/html"),
        ("text/html; charset =utf-8", "text/html"),
        ("text/html; charset= utf-8", 'text/html;charset=" utf-8"'),
        ("text/html;a=1;A=2", "text/html;a=1"),
        ("text/html charset=utf-8", None),
        ("text", None),
        ("/html", None),
        ("text/", None),
        ("", None),
        ("text/html, text/plain", None),
    ],
)
def test_parses_a_type(text: str, serialised: str | None) -> None:
    parsed = parse_media_type(text)
    assert (None if parsed is None else str(parsed)) == serialised


def test_tells_what_browsers_leave_out() -> None:
    parsed = parse_media_type('text/html; charset = utf-8; x; ;a=1; A="1"; a=2; \x7f=1')
    assert parsed is not None
    assert parsed.dropped == ("charset = utf-8", "x", "\x7f=1")
    assert parsed.repeated == ("a=2",)


@pytest.mark.parametrize(
    ("values", "serialised"),
    [
        (["text/html", "text/plain"], "text/plain"),
        (["text/plain", "nonsense"], "text/plain"),
        (["text/plain", "*/*;charset=gbk"], "text/plain"),
        (["text/html;charset=gbk", "text/html;x=1"], "text/html;x=1;charset=gbk"),
        (["text/html;charset=gbk", "text/plain", "text/html"], "text/html"),
        (['text/html;x="', "text/plain"], 'text/html;x=", text/plain"'),
        (["*/*"], None),
        ([""], None),
    ],
)
def test_the_last_type_of_a_list_counts(values: list[str], serialised: str | None) -> None:
    found = extract_media_type(", ".join(values))
    assert (None if found is None else str(found)) == serialised


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ("", [""]),
        (",a", ["", "a"]),
        ("a, ,b,", ["a", "", "b", ""]),
        ('a="x,\\",y", b', ['a="x,\\",y"', "b"]),
        ('a, "b,c', ["a", '"b,c']),
    ],
)
def test_splits_outside_of_quotes(text: str, members: list[str]) -> None:
    assert split_values(text) == members


@given(st.text(alphabet=st.characters(max_codepoint=255), max_size=60))
def test_what_is_written_is_read_again(text: str) -> None:
    parsed = parse_media_type(f"text/html;{text}")
    assert parsed is not None
    again = parse_media_type(str(parsed))
    assert again is not None
    assert (again.essence, again.parameters) == (parsed.essence, parsed.parameters)


@pytest.mark.parametrize("unit", [";", ",", '"', "\\", '"\\', " ", ";a", ";a=1", "a/"])
def test_takes_a_hostile_value_in_linear_time(unit: str) -> None:
    assert is_linear(lambda size: extract_media_type("text/html;" + unit * size), 65_536)
    assert is_linear(lambda size: parse_media_type("text/html;" + unit * size), LIMIT)
