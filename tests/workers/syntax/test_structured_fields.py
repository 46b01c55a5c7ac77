"""The front of structured fields; the fields themselves are tested in `tests/conformance`."""

import http_sf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.syntax.structured_fields import InvalidStructuredField, parse, parse_token


@pytest.mark.parametrize(
    ("text", "token"),
    [
        ("same-origin", "same-origin"),
        ("  same-origin ", "same-origin"),
        ("*a:/b", "*a:/b"),
        ('require-corp;report-to="x"', "require-corp"),
        ("a;b; c", "a"),
        ("a;", None),
        ("a, a", None),
        ("\ta", None),
        ('"a"', None),
        ("1", None),
        ("?1", None),
        ("", None),
        ("-a", None),
        ("a\xe4", None),
    ],
)
def test_a_token_is_read_with_or_without_parameters(text: str, token: str | None) -> None:
    assert parse_token(text) == token


def test_an_error_says_what_was_expected_and_what_came() -> None:
    with pytest.raises(InvalidStructuredField, match="expected a structured list, got 'a,'"):
        parse("a,", "list")


@given(st.text(alphabet=st.sampled_from('aA*-:/!1 ;=\t"'), max_size=12))
def test_the_short_way_agrees_with_the_library(text: str) -> None:
    try:
        bare = parse(text, "item")[0]
    except InvalidStructuredField:
        bare = None
    assert parse_token(text) == (str(bare) if isinstance(bare, http_sf.Token) else None)
