"""Set-Cookie as RFC 6265bis section 5 has it read, and the IETF's, WPT's and tough-cookie's cases of it."""

import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conformance.cases import rows
from workers.syntax.cookies import parse_cookie_date, parse_set_cookie


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
    cookie = parse_set_cookie(text)
    assert cookie is not None
    assert (cookie.name, cookie.value) == (name, value)


@pytest.mark.parametrize(
    "text", ["", " ; Secure", "=", "a=b\x00", "a=b; Path=\x7f", "a\r=b", "a=" + "b" * 4096]
)
def test_a_line_that_browsers_drop_is_no_cookie(text: str) -> None:
    assert parse_set_cookie(text) is None


def test_a_pair_of_just_4096_octets_is_kept() -> None:
    assert parse_set_cookie("a=" + "b" * 4095) is not None


def test_the_last_attribute_of_a_name_counts() -> None:
    cookie = parse_set_cookie(
        "a=b; path=/x; PATH = /y ; SameSite=Lax; samesite=NONE; secure=no; HttpOnly; Domain=.A.Example"
    )
    assert cookie is not None
    assert (cookie.path, cookie.same_site, cookie.secure, cookie.http_only) == ("/y", "none", True, True)
    assert cookie.domain == "a.example"


def test_an_attribute_that_is_too_long_is_ignored() -> None:
    cookie = parse_set_cookie(f"a=b; Path=/x; Path=/{'y' * 1024}")
    assert cookie is not None
    assert cookie.path == "/x"


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
    cookie = parse_set_cookie(f"a=b; {attributes}")
    assert cookie is not None
    assert cookie.expired(datetime(2026, 1, 1, tzinfo=UTC)) is expired


def test_a_hostile_line_takes_linear_time() -> None:
    started = time.process_time()
    for text in (
        "a=b" + ";" * 65_536,
        "a=b; Expires=" + "1:" * 500,
        " " * 65_536,
        "a=b" + "; Expires=1" * 6_000,
    ):
        cookie = parse_set_cookie(text)
        if cookie is not None:
            cookie.expired(datetime(2026, 1, 1, tzinfo=UTC))
    assert time.process_time() - started < 0.5


@given(st.text(alphabet=st.characters(max_codepoint=255)), st.datetimes(timezones=st.just(UTC)))
def test_takes_anything(text: str, now: datetime) -> None:
    cookie = parse_set_cookie(text)
    if cookie is not None:
        cookie.expired(now)
    parse_cookie_date(text)


def test_dates_are_read_as_the_ietf_tests_say() -> None:
    for row in rows("cookie_date_cases"):
        expected = None if row["expected"] is None else parsedate_to_datetime(row["expected"])
        assert parse_cookie_date(row["test"]) == expected, row["test"]


def test_values_are_read_as_web_platform_tests_say() -> None:
    for row in rows("wpt_cases"):
        if row["kind"] == "cookie_value":
            assert sent_back(row["set_cookie"]) == row["cookie_sent"], row["set_cookie"][:80]


def test_lone_cookies_are_read_as_the_ietf_tests_say() -> None:
    """Several cookies are about the jar, which is not read here; DISABLED is the suite's own word."""
    for row in rows("http_state_cases"):
        if row["id"].startswith("DISABLED"):
            continue
        if len(row["set_cookies"]) == len(row["expected_cookies"]) == 1:
            cookie, expected = parse_set_cookie(row["set_cookies"][0]), row["expected_cookies"][0]
            assert cookie is not None, row["id"]
            assert (cookie.name, cookie.value) == (expected["name"], expected["value"]), row["id"]


def sent_back(text: str) -> str:
    """What a browser that was sent the line sends back (RFC 6265bis section 5.8.3 step 5)."""
    cookie = parse_set_cookie(text)
    if cookie is None:
        return ""
    return f"{cookie.name}={cookie.value}" if cookie.name else cookie.value


def test_real_lines_are_read_as_tough_cookie_reads_them() -> None:
    for row in rows("real_cookies"):
        cookie, parsed = parse_set_cookie(row["set_cookie"]), row["parsed"]
        assert (cookie is None) == (parsed is None), row["set_cookie"]
        if cookie is not None:
            got = (
                cookie.name,
                cookie.value,
                cookie.domain or None,
                cookie.path,
                cookie.secure,
                cookie.http_only,
            )
            names = ("name", "value", "domain", "path", "secure", "http_only")
            assert got == tuple(parsed[name] for name in names), row["set_cookie"]
