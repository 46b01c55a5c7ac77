"""Parts of a value, found as they were sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workers.growth import is_linear
from workers.syntax.verbatim import as_sent, spelt_member


@pytest.mark.parametrize(
    ("text", "value", "found"),
    [
        ("deny", "deny", "deny"),
        ("deny", "x, DeNY", "DeNY"),
        ("img-src a b", "x; Img-Src \t A  b; y", "Img-Src \t A  b"),
        ("a b", "xa\tby", "a\tb"),
        ("a b", "ab", "a b"),
        ("deny", "sameorigin", "deny"),
        ("", "x", ""),
        ("i\u0307 a", "\u0130 A", "i\u0307 a"),  # in lower case it has a letter more
    ],
)
def test_the_part_that_says_it(text: str, value: str, found: str) -> None:
    assert as_sent(text, value) == found


@given(st.text("aAbB \t;", max_size=12), st.text("aAbB \t;", max_size=12), st.text("aAbB \t;", max_size=12))
def test_what_is_there_is_found_as_it_is_there(before: str, part: str, after: str) -> None:
    value = before + part + after
    read = " ".join(part.lower().split())
    found = as_sent(read, value)
    assert found in value
    assert " ".join(found.lower().split()) == read


@pytest.mark.parametrize("unit", ["A", "A ", "A\t", " ", "A" * 500 + " "])
def test_a_hostile_value_takes_linear_time(unit: str) -> None:
    text = ("a " * 300) + "b"
    assert is_linear(lambda size: as_sent(text, unit * (size // len(unit))), 32_768)


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("camera", "usb=(), camera=none, x", "camera=none"),
        ("camera", "camera=(self), camera;a=1", "camera;a=1"),
        ("main", 'a="x, main=1", main="http://r/"', 'main="http://r/"'),
        ("a", "b", "a"),
    ],
)
def test_the_member_of_a_name(name: str, text: str, found: str) -> None:
    assert spelt_member(name, text) == found
