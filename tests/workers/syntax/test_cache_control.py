"""Cache-Control's list of directives (RFC 9111 section 5.2)."""

import pytest

from tests.workers.growth import is_linear
from workers.syntax.cache_control import LIMIT, parse_cache_control, parse_seconds


@pytest.mark.parametrize(
    ("text", "directives", "malformed"),
    [
        ("", [], ()),
        ("no-store", [("no-store", None)], ()),
        (" ,No-Cache ,, MAX-AGE=60, ", [("no-cache", None), ("max-age", "60")], ()),
        ('max-age="60"', [("max-age", "60")], ()),
        ('private="Set-Cookie, X", public', [("private", "Set-Cookie, X"), ("public", None)], ()),
        (r'a="\"\\", b', [("a", '"\\'), ("b", None)], ()),
        ("max-age = 60, public", [("public", None)], ("max-age = 60",)),
        ("public; max-age=60, no-cache", [("no-cache", None)], ("public; max-age=60",)),
        ("max-age=, a", [("a", None)], ("max-age=",)),
        ('a="b, c', [], ('a="b, c',)),
        ("=1", [], ("=1",)),
        ("max-age=\xb2", [], ("max-age=\xb2",)),
    ],
)
def test_finds_the_directives(text: str, directives: list[object], malformed: tuple[str, ...]) -> None:
    policy = parse_cache_control(text)
    assert [(directive.name, directive.value) for directive in policy.directives] == directives
    assert policy.malformed == malformed


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("060", 60),
        ("9" * 5_000, 10**18 - 1),
        ("-1", None),
        ("1.5", None),
        ("", None),
        ("\xb2", None),
    ],
)
def test_reads_delta_seconds(text: str, seconds: int | None) -> None:
    assert parse_seconds(text) == seconds


@pytest.mark.parametrize("unit", ['"', "\\", '"\\', "=", ",", " ", ";", "a=", 'a="', '"\\"'])
def test_takes_a_hostile_value_in_linear_time(unit: str) -> None:
    assert is_linear(lambda size: parse_cache_control((unit * size)[:size]), LIMIT)


def test_a_value_past_the_limit_is_not_read() -> None:
    assert parse_cache_control("a" * LIMIT).directives != ()
    assert parse_cache_control("a" * (LIMIT + 1)).directives == ()
