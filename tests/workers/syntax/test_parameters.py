"""Lists of members with parameters: RFC 9110 sections 5.6.1 and 5.6.6."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.syntax.parameters import parse_parameters, split_list


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ("", []),
        ("a, b ,,c", ["a", "b", "c"]),
        ('a;b="c,d", e', ['a;b="c,d"', "e"]),
        (r'a;b="\",", e', [r'a;b="\","', "e"]),
        ("</a,b>;rel=x,</c>", ["</a,b>;rel=x", "</c>"]),
        ('a, "b, c', ["a", '"b, c']),
        ("a, <b, c", ["a", "<b, c"]),
        ('a, "b\\', ["a", '"b\\']),
    ],
)
def test_a_list_is_split_at_its_own_commas(text: str, members: list[str]) -> None:
    assert split_list(text) == members


@pytest.mark.parametrize(
    ("text", "parameters", "rest"),
    [
        ("", (), ""),
        (";ma=1; Persist = 1;", (("ma", "1"), ("persist", "1")), ""),
        (r';a="b\"c";d', (("a", 'b"c'), ("d", None)), ""),
        (";;a", (("a", None),), ""),
        (";a=b c;d=e", (("a", "b"),), "c;d=e"),
        ('; a="b', (("a", None),), '="b'),
        ("x;a=b", (), "x;a=b"),
    ],
)
def test_parameters_up_to_where_they_end(text, parameters, rest) -> None:
    assert parse_parameters(text) == (parameters, rest)


@given(st.text(alphabet=st.sampled_from('a,;="<>\\ \t'), max_size=40))
def test_nothing_but_commas_and_white_space_is_lost(text: str) -> None:
    kept = "".join(split_list(text))
    assert [char for char in kept if char not in ", \t"] == [char for char in text if char not in ", \t"]
