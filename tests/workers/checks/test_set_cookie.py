"""Set-Cookie, as RFC 6265bis has browsers take it."""

import pytest

from tests.workers.checks.cases import Case, findings, found_ids
from workers.checks.set_cookie import CHECK


def sent(name: str, *lines: str, finds: tuple[str, ...] = (), url: str = "https://www.example.com/") -> Case:
    return Case(name, tuple(("Set-Cookie", line) for line in lines), finds, url=url)


GOOD = "Secure; HttpOnly; SameSite=Lax"
HTTP, LOOPBACK = "http://www.example.com/", "http://localhost:8080/"
CASES = (
    sent("none"),
    sent("good", f"__Host-sid=1; Path=/; {GOOD}", f"theme=dark; {GOOD}", f"s=1; domain=EXAMPLE.com; {GOOD}"),
    sent("a preference without HttpOnly and SameSite", "theme=dark; Secure"),
    sent("empty", "", "=; Secure", finds=("cookie-empty", "cookie-empty")),
    sent("a control character", "a=b\x01; Secure", finds=("cookie-control-character",)),
    sent("too long", "a=" + "b" * 4096, finds=("cookie-too-large",)),
    sent("not secure", "theme=dark", finds=("cookie-without-secure",)),
    sent("not secure over http", "theme=dark", url=HTTP),
    Case(
        "not secure, and kept off http",
        (
            ("Strict-Transport-Security", "max-age=31536000"),
            ("Set-Cookie", "theme=dark"),
            ("Set-Cookie", "sid=1; HttpOnly; SameSite=Lax"),
        ),
        ("cookie-secure-by-hsts-alone", "session-cookie-secure-by-hsts-alone"),
    ),
    sent(
        "a bare session",
        "PHPSESSID=1; path=/",
        finds=(
            "session-cookie-without-secure",
            "session-cookie-without-httponly",
            "session-cookie-without-samesite",
        ),
    ),
    sent(
        "a session by its words",
        f"_shop_session=1; {GOOD.replace('HttpOnly; ', '')}",
        finds=("session-cookie-without-httponly",),
    ),
    sent("words that only contain one", "obsession=1; Secure", "business_id=2; Secure"),
    sent("tokens that scripts must read", "session-csrf=1; Secure", "XSRF-TOKEN=1; Secure"),
    sent("a load balancer's session", "heroku-session-affinity=1; Secure"),
    sent("deleted by age", "PHPSESSID=; Max-Age=0"),
    sent("deleted by date", "PHPSESSID=x; expires=Thu, 01-Jan-1970 00:00:01 GMT"),
    Case(
        "deleted a moment before the response",
        (
            ("Date", "Sun, 06 Nov 2022 08:49:37 GMT"),
            ("Set-Cookie", "sid=x; Expires=Sun, 06 Nov 2022 08:49:36 GMT"),
        ),
    ),
    sent(
        "Max-Age goes before Expires",
        "a=b; Max-Age=9; expires=Thu, 01-Jan-1970 00:00:01 GMT",
        finds=("cookie-expires-contradicts-max-age", "cookie-without-secure"),
    ),
    sent("SameSite=None, not secure", "a=b; SameSite=None", finds=("cookie-samesite-none-without-secure",)),
    sent("SameSite=None, secure", "a=b; SameSite=none; secure"),
    sent("an unknown SameSite", "a=b; Secure; SameSite=Yes", finds=("cookie-samesite-unknown",)),
    sent("a Secure- prefix without Secure", "__Secure-a=b", finds=("cookie-secure-prefix-broken",)),
    sent("a Host- prefix without path", "__Host-a=b; Secure", finds=("cookie-host-prefix-broken",)),
    sent(
        "a Host- prefix with a domain",
        "__host-a=b; Secure; Path=/; Domain=example.com",
        finds=("cookie-host-prefix-broken",),
    ),
    sent("a Host- prefix without a name", "=__Host-a=b; Secure; Path=/", finds=("cookie-prefix-nameless",)),
    sent("a prefix in a value", "a=__Host-b; Secure"),
    sent("another domain", "a=b; Secure; Domain=example.org", finds=("cookie-domain-foreign",)),
    sent(
        "a domain below the host", "a=b; Secure; Domain=a.www.example.com", finds=("cookie-domain-foreign",)
    ),
    sent(
        "a domain that the host only ends like",
        "a=b; Secure; Domain=ample.com",
        finds=("cookie-domain-foreign",),
    ),
    sent("a Host- prefix that the default path is right for", "__Host-a=b; Secure; Path"),
    sent("a public suffix", "a=b; Secure; Domain=com", finds=("cookie-domain-public-suffix",)),
    sent(
        "a public suffix of a company's",
        "a=b; Secure; Domain=github.io",
        finds=("cookie-domain-public-suffix",),
        url="https://me.github.io/",
    ),
    sent("a public suffix for itself", "a=b; Secure; Domain=github.io", url="https://github.io/"),
    *(
        sent(f"no domain: {domain}", f"a=b; Secure; Domain={domain}", finds=("cookie-domain-malformed",))
        for domain in ("https://example.com", "*.example.com", "www.example.com:443", "ex\xe4mple.com")
    ),
    sent("a deletion that browsers refuse", "__Host-sid=; Max-Age=0", finds=("cookie-host-prefix-broken",)),
    sent(
        "partitioned, not secure",
        "a=b; Partitioned; SameSite=Lax",
        finds=("cookie-partitioned-without-secure", "cookie-partitioned-without-samesite-none"),
    ),
    sent("partitioned", "__Host-a=b; Path=/; Secure; SameSite=None; Partitioned"),
    sent("a prefix to come", "__Http-a=b; Secure", finds=("cookie-http-prefix-broken",)),
    sent("two prefixes in one", "__Host-Http-a=b; Path=/; Secure", finds=("cookie-http-prefix-broken",)),
    sent("a prefix to come, kept, but for its case", f"__http-sid=1; {GOOD}", finds=("cookie-prefix-case",)),
    sent(
        "a part of an address",
        "a=b; Secure; Domain=2.1",
        finds=("cookie-domain-foreign",),
        url="https://192.0.2.1/",
    ),
    sent("Secure over http", "a=b; Secure", finds=("cookie-secure-over-http",), url=HTTP),
    sent("Secure over http on loopback", "a=b; Secure", url=LOOPBACK),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


def test_all_findings_about_a_cookie_share_one_line() -> None:
    case = sent("bare", "__Host-sid=1; Domain=example.org; SameSite=No", "a=b; Secure")
    bare = sent("bare", "PHPSESSID=1; path=/")
    assert {finding.fix for finding in findings(CHECK, case)} == {
        "Set-Cookie: __Host-sid=1; Secure; Path=/; HttpOnly; SameSite=Lax"
    }
    assert {finding.fix for finding in findings(CHECK, bare)} == {
        "Set-Cookie: PHPSESSID=1; path=/; Secure; HttpOnly; SameSite=Lax"
    }


def test_no_line_is_given_where_only_https_would_help() -> None:
    case = sent("over http", "a=b; SameSite=None", url=HTTP)
    assert [finding.fix for finding in findings(CHECK, case)] == ["Add Secure"]


def test_a_fix_keeps_what_was_right_and_no_other_cookie_is_touched() -> None:
    case = sent("two", "a=b; Path=/; Secure; samesite=x;", "c=d; Secure")
    assert [finding.fix for finding in findings(CHECK, case)] == [
        "Set-Cookie: a=b; Path=/; Secure; SameSite=Lax"
    ]


def test_no_more_cookies_are_judged_than_browsers_keep() -> None:
    case = sent("many", *(f"c{n}=1" for n in range(1_000)))
    assert found_ids(CHECK, case) == ("cookie-without-secure",) * 50 + ("cookies-too-many",)


def test_no_more_is_told_than_anybody_reads() -> None:
    case = sent("many", *(f"sid{n}=1; Http-Only; Path=x; Max-Age=y" for n in range(50)))
    assert 60 <= len(findings(CHECK, case)) < 70


def test_lines_after_too_many_attributes_are_passed_over() -> None:
    case = sent("many", *(f"c{n}=1; {';'.join('x' * 16)}" for n in range(50)))
    assert len(findings(CHECK, case)) < 50


@pytest.mark.parametrize(
    ("policy", "domain", "is_kept"),
    [
        ("max-age=31536000", "", True),
        ("max-age=0001" + "0" * 30, "", True),
        ("max-age=300", "", False),
        ("max-age=x", "", False),
        ("includeSubDomains", "", False),
        ("max-age=31536000; =", "", False),
        ("max-age=31536000; includeSubDomains", "www.example.com", True),
        pytest.param("max-age=31536000", "www.example.com", False, id="other hosts get the cookie, too"),
        pytest.param("max-age=31536000; includeSubDomains", "example.com", False, id="not of what is above"),
    ],
)
def test_what_hsts_keeps_off_http_is_less_of_a_fault(policy: str, domain: str, is_kept: bool) -> None:
    lines = [f"{name}=1; HttpOnly; SameSite=Lax; Domain={domain}" for name in ("theme", "sid")]
    fields = (("Strict-Transport-Security", policy), *(("Set-Cookie", line) for line in lines))
    found = found_ids(CHECK, Case("insecure", fields, url="https://www.example.com/"))
    told = ("cookie-secure-by-hsts-alone", "session-cookie-secure-by-hsts-alone")
    assert (told if is_kept else ("cookie-without-secure", "session-cookie-without-secure")) == tuple(
        id_ for id_ in found if "secure" in id_
    )
