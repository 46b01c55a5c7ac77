"""Set-Cookie as RFC 6265bis section 5 has it read, and the cases of web-platform-tests of it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conformance.cases import rows
from tests.workers.growth import is_linear
from workers.syntax.cookies import (
    AGE_LIMIT,
    LONG_AGO,
    Cookie,
    Refusal,
    parse_cookie_date,
    parse_set_cookie,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def read(text: str) -> Cookie:
    cookie = parse_set_cookie(text)
    assert isinstance(cookie, Cookie), cookie
    return cookie


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("a=b", "a", "b"),
        (" a = b ; Path=/", "a", "b"),
        ("a=b=c", "a", "b=c"),
        ("a=", "a", ""),
        ("=b", "", "b"),
        ("b", "", "b"),
        ('a="b; c"', "a", '"b'),
        ("a\t=\tb\tc", "a", "b\tc"),
    ],
)
def test_the_pair(text: str, name: str, value: str) -> None:
    cookie = read(text)
    assert (cookie.name, cookie.value) == (name, value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", Refusal.EMPTY),
        (" ; Secure", Refusal.EMPTY),
        ("=", Refusal.EMPTY),
        ("a=b\x00", Refusal.CONTROL_CHARACTER),
        ("a=b; Path=\x7f", Refusal.CONTROL_CHARACTER),
        ("a\r=b", Refusal.CONTROL_CHARACTER),
        ("a=" + "b" * 4096, Refusal.TOO_LARGE),
        ("b" * 4097, Refusal.TOO_LARGE),
    ],
)
def test_a_line_that_browsers_ignore_has_a_reason(text: str, reason: Refusal) -> None:
    assert parse_set_cookie(text) is reason


def test_a_pair_of_just_4096_octets_is_kept() -> None:
    assert read("a=" + "b" * 4095).name == "a"


def test_the_last_attribute_of_a_name_counts() -> None:
    cookie = read(
        "a=b; path=/x; PATH = /y ; SameSite=Lax; samesite=NONE; secure=no; HttpOnly; Domain=.A.Example"
    )
    assert (cookie.path, cookie.same_site, cookie.secure, cookie.http_only) == ("/y", "none", True, True)
    assert cookie.domain == "a.example"


def test_an_attribute_that_is_too_long_is_ignored() -> None:
    assert read(f"a=b; Path=/x; Path=/{'y' * 1024}").path == "/x"
    assert read(f"a=b; Path=/x; Path=/{'y' * 1023}").path != "/x"


@pytest.mark.parametrize(
    ("attributes", "expired"),
    [
        ("", False),
        ("Max-Age=0", True),
        ("Max-Age=-1", True),
        ("Max-Age=00", True),
        ("Max-Age=1", False),
        ("Max-Age=zero", False),
        ("Max-Age=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", False),
        ("Max-Age=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT", True),
        ("Expires=Thu, 01 Jan 2037 00:00:00 GMT", False),
        ("Expires=never", False),
    ],
)
def test_a_cookie_is_deleted_by_age_or_else_by_date(attributes: str, expired: bool) -> None:
    assert read(f"a=b; {attributes}").expired(NOW) is expired


@pytest.mark.parametrize(
    ("attributes", "expiry"),
    [
        ("", None),
        ("Max-Age=x; Expires=y", None),
        ("Max-Age=-1", LONG_AGO),
        ("Max-Age=60", NOW + timedelta(seconds=60)),
        ("Max-Age=60; Max-Age=x; Expires=Sun, 01 Feb 2026 00:00:00 GMT", NOW + timedelta(seconds=60)),
        ("Expires=Sun, 01 Feb 2026 00:00:00 GMT; Expires=x", datetime(2026, 2, 1, tzinfo=UTC)),
        ("Max-Age=34560001", NOW + AGE_LIMIT),
        (f"Max-Age={'9' * 1024}", NOW + AGE_LIMIT),
        ("Expires=Sun, 01 Feb 2037 00:00:00 GMT", NOW + AGE_LIMIT),
    ],
)
def test_a_lifetime_is_cut_to_400_days(attributes: str, expiry: datetime | None) -> None:
    assert read(f"a=b; {attributes}").expiry(NOW) == expiry


@pytest.mark.parametrize(
    ("before", "unit", "size"),
    [("a=b", ";", 65_536), ("a=b; Expires=", "1:", 500), ("", " ", 65_536), ("a=b", "; Expires=1", 6_000)],
)
def test_a_hostile_line_takes_linear_time(before: str, unit: str, size: int) -> None:
    def read_and_ask(size: int) -> None:
        cookie = parse_set_cookie(before + unit * size)
        if isinstance(cookie, Cookie):
            cookie.expired(NOW)

    assert is_linear(read_and_ask, size)


@given(st.text(alphabet=st.characters(max_codepoint=255)), st.datetimes(timezones=st.just(UTC)))
def test_takes_anything(text: str, now: datetime) -> None:
    cookie = parse_set_cookie(text)
    assert isinstance(cookie, Cookie | Refusal)
    if isinstance(cookie, Cookie):
        expiry = cookie.expiry(now)
        assert cookie.expired(now) == (expiry is not None and expiry <= now)
    assert isinstance(parse_cookie_date(text), datetime | None)


def test_values_are_read_as_web_platform_tests_say() -> None:
    for row in rows("wpt_cases"):
        if row["kind"] == "cookie_value":
            assert sent_back(row["set_cookie"]) == row["cookie_sent"], row["set_cookie"][:80]


def sent_back(text: str) -> str:
    """What a browser that was sent the line sends back (RFC 6265bis section 5.8.3 step 5)."""
    cookie = parse_set_cookie(text)
    if isinstance(cookie, Refusal):
        return ""
    return f"{cookie.name}={cookie.value}" if cookie.name else cookie.value
