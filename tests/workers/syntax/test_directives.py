"""Semicolon-separated directives (RFC 6797 section 6.1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workers.growth import is_linear
from workers.syntax.directives import Directive, parse_directives, spelt_directive


@pytest.mark.parametrize(
    ("text", "directives", "rest"),
    [
        ("", [], ""),
        ("a", [("a", None)], ""),
        ("a=1; b", [("a", "1"), ("b", None)], ""),
        (" A = 1 ;\tB\t;; ;c=2;", [("a", "1"), ("b", None), ("c", "2")], ""),
        ('a="1;2"; b', [("a", "1;2"), ("b", None)], ""),
        (r'a="say \"no\" \\ so"', [("a", r'say "no" \ so')], ""),
        ("a=1; a=2", [("a", "1"), ("a", "2")], ""),
        ('a=""', [("a", "")], ""),
        ("a=; b", [], "a=; b"),
        ("a; b c; d", [("a", None)], "b c; d"),
        ("a=1, b=2", [], "a=1, b=2"),
        ('a="open', [], 'a="open'),
        ("a; =1", [("a", None)], "=1"),
        ("a\xe4", [], "a\xe4"),
    ],
)
def test_parses(text: str, directives: list[tuple[str, str | None]], rest: str) -> None:
    assert parse_directives(text) == (tuple(Directive(*directive) for directive in directives), rest)


@pytest.mark.parametrize(
    ("before", "unit", "after"),
    [('a="', "\\", ""), ("", " ", ","), ("", ";", ""), ("", "a ", ""), ("", "a", "=")],
)
def test_takes_a_hostile_value_in_linear_time(before: str, unit: str, after: str) -> None:
    assert is_linear(lambda size: parse_directives(before + unit * size + after), 65_536)


@given(st.text(alphabet=st.sampled_from('ab=";, \t\\\xe4\x00'), max_size=40))
def test_takes_anything(text: str) -> None:
    directives, rest = parse_directives(text)
    assert rest in text
    assert all(directive.name == directive.name.lower() for directive in directives)


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("max-age", 'Foo; MAX-Age = "3" ;max-age=4', 'MAX-Age = "3"'),
        ("preload", "Preload", "Preload"),
        ("max", "max-age=1", "max"),
    ],
)
def test_a_directive_is_found_as_it_was_sent(name: str, text: str, found: str) -> None:
    assert spelt_directive(name, text) == found
