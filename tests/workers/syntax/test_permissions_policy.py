"""Permissions-Policy's dictionary: the quick reading is the structured field parser's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.syntax.permissions_policy import (
    Allowlist,
    format_policy,
    parse_policy,
    salvage_policy,
)
from workers.syntax.structured_fields import InvalidStructuredField, parse

MEMBERS = st.lists(
    st.sampled_from(["camera=()", "usb=*", "midi=self", 'camera=(self "https://a.example")', "usb=( * )", "a",
                     'usb=("a"self)', "usb=(self", "b=?0", "c;d=e", " ", "usb=()x", "Camera=()", 'usb="https://a"']),
    max_size=4,
)  # fmt: skip


@given(MEMBERS, st.sampled_from([",", ", ", " \t,", ";"]))
def test_is_a_dictionary_where_the_structured_field_is_one(members: list[str], separator: str) -> None:
    text = separator.join(members)
    try:
        expected = list(parse(text, "dictionary"))
    except InvalidStructuredField:
        with pytest.raises(InvalidStructuredField):
            parse_policy(text)
    else:
        assert list(parse_policy(text)) == expected


def test_tells_members_parameters_and_what_is_no_allowlist() -> None:
    policy = parse_policy(
        'camera=(self "https://a.example" b);report-to=x, usb=none, midi="https://b.example"'
    )
    assert policy == {
        "camera": Allowlist(("self", '"https://a.example"', "b"), True, {"report-to": "x"}),
        "usb": Allowlist(("none",), False),
        "midi": Allowlist(('"https://b.example"',)),
    }


def test_what_is_longer_than_any_policy_is_not_taken_apart() -> None:
    assert parse_policy("a=1," * 1_000) == {}


@given(st.text(alphabet=st.sampled_from("abc-=(); ,'\"*:/self.none"), max_size=60))
def test_what_is_salvaged_is_a_policy(text: str) -> None:
    salvaged = salvage_policy(text)
    assert parse_policy(format_policy(salvaged)) == salvaged
