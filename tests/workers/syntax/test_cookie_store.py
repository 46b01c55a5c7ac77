"""What a browser keeps of the cookies it is sent, and sends back (RFC 6265bis sections 5.7 and 5.8)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from workers.syntax.cookie_store import (
    Jar,
    Request,
    Stored,
    default_path,
    domain_matches,
    path_matches,
    store,
)
from workers.syntax.cookies import Cookie, Refusal, parse_set_cookie

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HTTPS = Request("www.example.com", "/shop/cart", is_secure=True)
HTTP = replace(HTTPS, is_secure=False)
SUFFIXES = {"com", "github.io"}


def stored(text: str, request: Request = HTTPS) -> Stored | Refusal:
    cookie = parse_set_cookie(text)
    assert isinstance(cookie, Cookie), cookie
    return store(cookie, request, NOW, SUFFIXES.__contains__)


def jar(*lines: str, request: Request = HTTPS) -> Jar:
    filled = Jar(SUFFIXES.__contains__)
    for line in lines:
        filled.receive(line, request, NOW)
    return filled


@pytest.mark.parametrize(
    ("text", "request_", "reason"),
    [
        ("a=b; Domain=\xe4.example.com", HTTPS, Refusal.DOMAIN_NOT_ASCII),
        ("a=b; Domain=com", HTTPS, Refusal.PUBLIC_SUFFIX),
        ("a=b; Domain=ample.com", HTTPS, Refusal.FOREIGN_DOMAIN),
        ("a=b; Domain=a.www.example.com", HTTPS, Refusal.FOREIGN_DOMAIN),
        ("a=b; Domain=2.1", Request("192.0.2.1", "/", True, is_address=True), Refusal.FOREIGN_DOMAIN),
        ("a=b; Secure", HTTP, Refusal.SECURE_OVER_HTTP),
        ("a=b; SameSite=none", HTTPS, Refusal.NONE_WITHOUT_SECURE),
        ("__SECURE-a=b", HTTPS, Refusal.SECURE_PREFIX),
        ("__host-a=b; Secure", HTTPS, Refusal.HOST_PREFIX),
        ("__Host-a=b; Path=/", HTTPS, Refusal.HOST_PREFIX),
        ("__Host-a=b; Secure; Path=/; Domain=www.example.com", HTTPS, Refusal.HOST_PREFIX),
        ("=__Host-a=b; Secure; Path=/", HTTPS, Refusal.NAMELESS_PREFIX),
        ("__secure-a; Secure", HTTPS, Refusal.NAMELESS_PREFIX),
    ],
)
def test_a_refusal_has_its_reason(text: str, request_: Request, reason: Refusal) -> None:
    assert stored(text, request_) is reason


@pytest.mark.parametrize(
    ("text", "domain", "host_only", "path"),
    [
        ("a=b", "www.example.com", True, "/shop"),
        ("a=b; Domain=.Example.COM; Path=/x", "example.com", False, "/x"),
        ("a=b; Domain=www.example.com; Path=x", "www.example.com", False, "/shop"),
        ("a=b; Domain=example.com; Domain=", "www.example.com", True, "/shop"),
        ("__Host-a=b; Secure; Path=/", "www.example.com", True, "/"),
    ],
)
def test_where_a_cookie_is_kept_for(text: str, domain: str, host_only: bool, path: str) -> None:
    cookie = stored(text)
    assert isinstance(cookie, Stored)
    assert (cookie.domain, cookie.host_only, cookie.path) == (domain, host_only, path)


def test_a_public_suffix_may_set_cookies_for_itself_alone() -> None:
    cookie = stored("a=b; Domain=github.io", Request("github.io", "/", is_secure=True))
    assert isinstance(cookie, Stored)
    assert cookie.host_only


def test_an_unknown_same_site_is_the_default() -> None:
    cookies = [stored(f"a=b; Secure{same_site}") for same_site in ("", "; SameSite=x", "; SameSite=LAX")]
    assert [cookie.same_site for cookie in cookies if isinstance(cookie, Stored)] == [
        "default",
        "default",
        "lax",
    ]


def test_a_cookie_takes_the_place_of_its_like_and_keeps_its_turn() -> None:
    assert jar("a=1", "b=2", "a=3").cookie_string(HTTPS, NOW) == "a=3; b=2"
    assert jar("a=1", "a=2; Path=/").cookie_string(HTTPS, NOW) == "a=1; a=2"


def test_an_expired_cookie_deletes_its_like() -> None:
    assert jar("a=1", "b=2", "a=; Max-Age=0").cookie_string(HTTPS, NOW) == "b=2"


def test_a_cookie_is_sent_until_it_ends() -> None:
    kept = jar("a=1; Max-Age=60")
    assert kept.cookie_string(HTTPS, NOW + timedelta(seconds=59)) == "a=1"
    assert kept.cookie_string(HTTPS, NOW + timedelta(seconds=60)) == ""


def test_longer_paths_come_first_and_a_nameless_cookie_has_no_equals_sign() -> None:
    assert jar("a=1; Path=/", "b; Path=/shop", "c=").cookie_string(HTTPS, NOW) == "b; c=; a=1"


def test_a_secure_cookie_is_sent_and_hidden_over_https_only() -> None:
    kept = jar("a=1; Secure; Domain=example.com; Path=/")
    assert kept.cookie_string(HTTP, NOW) == ""
    assert kept.receive("a=2", HTTP, NOW) is Refusal.OVERLAYS_SECURE
    assert isinstance(kept.receive("b=2", HTTP, NOW), Stored)
    assert isinstance(jar("a=1; Secure; Path=/login").receive("a=2; Path=/", HTTP, NOW), Stored)


def test_hosts_below_get_the_cookies_of_a_domain_only() -> None:
    below = replace(HTTPS, host="a.www.example.com")
    assert jar("a=1", "b=2; Domain=www.example.com").cookie_string(below, NOW) == "b=2"


@pytest.mark.parametrize(
    ("path", "default"), [("", "/"), ("x", "/"), ("/", "/"), ("/a", "/"), ("/a/", "/a"), ("/a/b", "/a")]
)
def test_the_default_path_is_the_directory(path: str, default: str) -> None:
    assert default_path(path) == default


@pytest.mark.parametrize(
    ("path", "cookie_path", "matches"),
    [
        ("/a", "/a", True),
        ("/a/b", "/a", True),
        ("/a/b", "/a/", True),
        ("/ab", "/a", False),
        ("/", "/a", False),
    ],
)
def test_a_path_holds_what_is_below_it(path: str, cookie_path: str, matches: bool) -> None:
    assert path_matches(path, cookie_path) is matches


def test_an_address_is_under_nothing() -> None:
    assert domain_matches("192.0.2.1", "2.1") is True
    assert domain_matches("192.0.2.1", "2.1", is_address=True) is False


@given(st.lists(st.text(alphabet=st.sampled_from("ab=;. /\t\x00_-1"), max_size=30)), st.booleans())
def test_takes_anything(lines: list[str], is_secure: bool) -> None:
    sent = jar(*lines, request=replace(HTTPS, is_secure=is_secure)).cookie_string(HTTPS, NOW)
    assert "\x00" not in sent
