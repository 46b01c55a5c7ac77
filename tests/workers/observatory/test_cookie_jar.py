from datetime import UTC, datetime

import pytest

from workers.observatory.cookie_jar import Cookie, keep_cookies

URL = "https://www.a.co.uk/x/y"


def keep(*lines: str, url: str = URL) -> tuple[Cookie, ...]:
    return keep_cookies([(url, lines, None)])


def test_attributes() -> None:
    assert keep("a=b; Secure; httponly; SameSite=Lax") == (Cookie("a", True, True, "lax"),)


def test_the_last_same_site_counts_even_if_it_is_not_understood() -> None:
    assert keep("a=b; SameSite=Lax; SameSite=foo")[0].same_site is None


@pytest.mark.parametrize("line", ["", "a", "=b", "; Secure", "a=b\x01", "a\tb=c"])
def test_a_line_that_is_no_cookie(line: str) -> None:
    assert keep(line) == ()


def test_an_expired_cookie_is_kept() -> None:
    assert len(keep("a=b; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT")) == 1


def test_a_cookie_replaces_its_like() -> None:
    assert keep("a=1", "a=2; Secure") == (Cookie("a", True, False, None),)


def test_a_cookie_of_another_path_is_another() -> None:
    assert len(keep("a=1", "a=2; Path=/")) == 2


@pytest.mark.parametrize(
    ("domain", "kept"),
    [
        ("www.a.co.uk", 1),
        (".A.co.uk", 1),
        ("co.uk", 0),
        ("uk", 0),
        ("b.co.uk", 0),
        ("ww.a.co.uk", 0),
        ("x.www.a.co.uk", 0),
        pytest.param("", 1, id="an empty one is none"),
        pytest.param("..a.co.uk", 1, id="two leading dots are taken off"),
        pytest.param("...", 0, id="nothing but dots"),
    ],
)
def test_domain(domain: str, kept: int) -> None:
    assert len(keep(f"a=b; Domain={domain}")) == kept


@pytest.mark.parametrize(
    ("url", "domain", "kept"),
    [
        ("https://192.0.2.1/", "192.0.2.1", 0),
        ("https://[2001:db8::1]/", "2001:db8::1", 1),
        pytest.param("https://[2001:db8::1]/", "[2001:DB8:0::1]", 1, id="an address in another form"),
        pytest.param("https://a.test/", "[a.test]", 0, id="a name in brackets"),
        pytest.param("https://xn--mnchen-3ya.test/", "m\xfcnchen.test", 1, id="a name that is not ASCII"),
        pytest.param("https://a.test/", "\xfc%.test", 0, id="no name at all"),
        ("https://localhost/", "localhost", 1),
        ("https://a.test/", "a.test", 1),
        ("https://me.github.io/", "github.io", 0),
        ("https://me.github.io/", "me.github.io", 1),
    ],
)
def test_domain_of_an_uncommon_host(url: str, domain: str, kept: int) -> None:
    assert len(keep(f"a=b; Domain={domain}", url=url)) == kept


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("__Secure-a=b; Secure", 1),
        ("__Secure-a=b", 0),
        ("__Host-a=b; Secure; Path=/", 1),
        ("__Host-a=b; Secure", 0),
        ("__Host-a=b; Path=/", 0),
        ("__Host-a=b; Secure; Path=/; Domain=a.co.uk", 0),
        pytest.param("__secure-a=b", 1, id="a prefix in other case is none"),
    ],
)
def test_prefix(line: str, kept: int) -> None:
    assert len(keep(line)) == kept


NEXT = "https://www.a.co.uk/x/z"
SENT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "url", "kept"),
    [
        ("a=; Max-Age=0", NEXT, 0),
        ("a=; Max-Age=-1; Expires=Fri, 01 Jan 2027 00:00:00 GMT", NEXT, 0),
        ("a=; Max-Age=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT", NEXT, 0),
        ("a=; Expires=Wed, 31 Dec 2025 23:59:59 GMT", NEXT, 0),
        ("a=; Expires=Fri, 02 Jan 2026 00:00:00 GMT", NEXT, 1),
        ("a=; Max-Age=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", NEXT, 1),
        ("a=; Max-Age=0; Domain=a.co.uk; Path=/", "https://b.a.co.uk/", 0),
        pytest.param("a=; Max-Age=0; Path=/y", NEXT, 1, id="the request is for another path"),
        pytest.param("a=; Max-Age=0; Path=/", "https://b.a.co.uk/", 1, id="for another host"),
        pytest.param("a=; Max-Age=0; Secure", "http://www.a.co.uk/x/z", 1, id="not over https"),
    ],
)
def test_a_cookie_that_is_over_is_lost_at_the_next_request_that_it_would_go_with(
    line: str, url: str, kept: int
) -> None:
    assert len(keep_cookies([(URL, [line], SENT), (url, [], None)])) == kept
