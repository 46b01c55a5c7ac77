"""Content-Disposition's grammar (RFC 6266 section 4.1, RFC 8187 section 3.2)."""

import pytest

from tests.workers.growth import is_linear
from workers.syntax.content_disposition import LIMIT, Disposition, decode_extended, parse_disposition


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("", Disposition("", {})),
        ("Inline", Disposition("inline", {})),
        ("attachment; filename=a.txt;", Disposition("attachment", {"filename": "a.txt"})),
        (r'attachment ; FileName = "a\";b"', Disposition("attachment", {"filename": 'a";b'})),
        ("a; x=1; X=2", Disposition("a", {"x": "1"}, repeated=("x",))),
        ("a; filename=b c; y=1", Disposition("a", {"y": "1"}, malformed=("filename=b c",))),
        ('a; b*="c"', Disposition("a", {"b*": '"c"'})),
        ('filename="a"', Disposition("", {"filename": "a"})),
        ('a; filename="b', Disposition("a", {}, malformed=('filename="b',))),
    ],
)
def test_parses(text: str, parsed: Disposition) -> None:
    assert parse_disposition(text) == parsed


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("UTF-8''na%C3%AFve.txt", "na\xefve.txt"),
        ("iso-8859-1'en'%A3", "\xa3"),
        ("UTF-8''%FF", None),
        ("UTF-8''a b", None),
        ("UTF-7''a", None),
        ("\"UTF-8''a\"", None),
        ("a.txt", None),
    ],
)
def test_decodes_an_extended_value(value: str, text: str | None) -> None:
    assert decode_extended(value) == text


@pytest.mark.parametrize("unit", ['"', "\\", '"\\', ";", "a=", 'a="', "=", " "])
def test_takes_a_hostile_value_in_linear_time(unit: str) -> None:
    assert is_linear(lambda size: parse_disposition((unit * size)[:size]), LIMIT)
