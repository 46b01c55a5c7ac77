"""Content-Security-Policy parsed as CSP3 section 2.2 says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.syntax.content_security_policy import (
    CHARACTERS_READ,
    DIRECTIVES_READ,
    POLICIES_READ,
    SOURCES_READ,
    Policy,
    is_read_whole,
    parse_policies,
    parse_policy,
)


def test_names_are_lower_case_and_values_stay_as_spelt() -> None:
    assert parse_policy("Script-Src 'SELF' a.example;IMG-SRC *").directives == {
        "script-src": ("'SELF'", "a.example"),
        "img-src": ("*",),
    }


def test_only_ascii_white_space_separates() -> None:
    assert parse_policy("\t img-src\n\f\r a\x0bb ; ;").directives == {"img-src": ("a\x0bb",)}


def test_the_first_of_two_directives_counts() -> None:
    policy = parse_policy("img-src a; IMG-SRC b; img-src c")
    assert (policy.directives, policy.repeated) == ({"img-src": ("a",)}, ("img-src", "img-src"))


def test_a_directive_that_is_not_ascii_is_skipped() -> None:
    policy = parse_policy("img-src  \xe4; font-src b")
    assert (policy.directives, policy.skipped) == ({"font-src": ("b",)}, ("img-src \xe4",))


def test_commas_and_fields_begin_policies_and_empty_ones_are_dropped() -> None:
    policies = parse_policies(("img-src a, ;,font-src b", "", "media-src c"))
    assert [str(policy) for policy in policies] == ["img-src a", "font-src b", "media-src c"]


def test_a_directive_falls_back_in_the_order_of_the_specification() -> None:
    policy = parse_policy("default-src d; script-src s; child-src c")
    assert policy.governing("script-src-elem") == ("script-src", ("s",))
    assert policy.governing("worker-src") == ("child-src", ("c",))
    assert policy.governing("object-src") == ("default-src", ("d",))
    assert policy.governing("base-uri") is None
    assert Policy({}).governing("img-src") is None


def test_an_empty_directive_governs_too() -> None:
    assert parse_policy("default-src; img-src *").governing("object-src") == ("default-src", ())


def test_a_replaced_directive_keeps_its_place_and_a_new_one_comes_last() -> None:
    policy = parse_policy("img-src a; font-src b")
    assert str(policy.replaced("img-src", ["c"])) == "img-src c; font-src b"
    assert str(policy.replaced("base-uri", ["'self'"])) == "img-src a; font-src b; base-uri 'self'"


@pytest.mark.parametrize(
    ("values", "is_whole"),
    [
        (("img-src a",), True),
        ((), True),
        (("img-src " + "a" * (CHARACTERS_READ - 8),), True),
        (("img-src " + "a" * (CHARACTERS_READ - 7),), False),
        (("img-src " + "a" * (CHARACTERS_READ - 9), "img-src b"), False),
        (tuple(f"img-src {n}" for n in range(POLICIES_READ)), True),
        (tuple(f"img-src {n}" for n in range(POLICIES_READ + 1)), False),
        ((";".join(f"a{n}" for n in range(DIRECTIVES_READ)),), True),
        ((";".join(f"a{n}" for n in range(DIRECTIVES_READ + 1)),), False),
        (("img-src" + " a" * SOURCES_READ,), True),
        (("img-src" + " a" * (SOURCES_READ - 1), "font-src a; media-src b"), False),
    ],
)
def test_what_is_read_has_bounds(values: tuple[str, ...], is_whole: bool) -> None:
    assert is_read_whole(values) is is_whole
    policies = parse_policies(values)
    assert len(policies) <= POLICIES_READ
    read = [sources for policy in policies for sources in policy.directives.values()]
    assert sum(map(len, read)) <= SOURCES_READ


def test_a_word_is_not_cut_in_two() -> None:
    (policy,) = parse_policies(("img-src a;" + " " * (CHARACTERS_READ - 13) + "font-src b",))
    assert policy.directives == {"img-src": ("a",)}


@given(st.text(alphabet=st.sampled_from("aB-;, '*\t\n\x0b\xe4\x00"), max_size=60))
def test_what_is_written_is_read_again_as_the_same(text: str) -> None:
    policies = list(map(str, parse_policies((text,))))
    again = list(map(str, parse_policies((", ".join(policies),))))
    assert again == list(dict.fromkeys(policies))  # one that is written again is left out


def test_a_policy_is_written_again_where_it_says_the_same_in_other_words() -> None:
    first, second = parse_policies(("img-src a,IMG-SRC  a", "; img-src a,img-src a; img-src b"))
    assert first.directives == second.directives == {"img-src": ("a",)}
    assert second.repeated == ("img-src",)
