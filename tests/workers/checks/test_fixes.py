"""The header lines that findings give to paste: no line brings back what another one mends.

Whoever pastes any one of the lines for a field is done with that field.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workers.checks.cases import FIX_LINE, PAGE, Case, fixed, response_of
from tests.workers.checks.test_catalogue import TABLES
from workers.model import Finding
from workers.registry import all_checks

CSP, XFO = "Content-Security-Policy", "X-Frame-Options"
HSTS, COOKIE = "Strict-Transport-Security", "Set-Cookie"
SITES = (
    Case("bare", (("Server", "nginx/1.18.0"), PAGE)),
    Case(
        "a shop",
        (
            ("Server", "Apache/2.4.41 (Ubuntu) OpenSSL/1.1.1f"),
            PAGE,
            (HSTS, "max-age=300"),
            (COOKIE, "PHPSESSID=q3v; path=/; SameSite=Nope"),
            (COOKIE, "__Host-cart=7; Domain=shop.example; Path=/cart"),
            (COOKIE, "currency=EUR; Domain=other.example"),
            (CSP, "default-src * data: 'unsafe-inline' 'unsafe-eval'; frame-ancestor self"),
            (XFO, "SAMEORIGIN"),
            ("Referrer-Policy", "unsafe-url"),
        ),
    ),
    Case(
        "an application",
        (
            PAGE,
            (HSTS, "max-age=15768000; preload; preload; includeSubdomain"),
            (CSP, "script-src 'strict-dynamic' * data: nonce-abc http://cdn.example; img-src 'none' *"),
            (CSP, "style-src slef; block-all-mixed-content; style-src *"),
            (XFO, "ALLOW-FROM http://partner.example/"),
            ("Cross-Origin-Opener-Policy", '"same-origin-allow-popups"'),
            ("Cross-Origin-Embedder-Policy", "require-corp"),
            ("X-Content-Type-Options", "sniff"),
        ),
    ),
    Case(
        "a trial of a policy",
        (
            PAGE,
            (f"{CSP}-Report-Only", "default-src https: 'unsafe-inline'; report-uri /csp"),
            (XFO, "deny, deny"),
            (HSTS, "max-age=0"),
            (HSTS, "max-age=31536000"),
        ),
    ),
    Case(
        "an interface",
        (
            ("Content-Type", "application/json"),
            ("Access-Control-Allow-Origin", "http://a.example:80/, https://b.example"),
            ("Access-Control-Allow-Credentials", "TRUE"),
            ("Access-Control-Expose-Headers", "*"),
            ("Access-Control-Max-Age", "1d"),
            (CSP, "default-src none; sandbox; sandbox"),
        ),
    ),
    Case("plain http", (PAGE, (COOKIE, "sid=1; SameSite=None"), (COOKIE, "auth=2")), url="http://a.example/"),
)
CASES = (*SITES, *(case for _, case in TABLES))


def judged(case: Case) -> list[Finding]:
    response = response_of(case)
    return [finding for check in all_checks() for finding in check.run(response)]


def mended_by_line(case: Case) -> list[tuple[str, Finding]]:
    """Each finding whose fix is a line, with what the line replaces: a field, or one cookie."""
    found = []
    for finding in judged(case):
        match = FIX_LINE.fullmatch(finding.fix or "")
        if match is not None:
            cookie = match[2].partition("=")[0].strip() if match[1] == COOKIE else ""
            found.append((f"{match[1]} {cookie}", finding))
    return found


def leaves_nothing_behind(case: Case) -> None:
    for target, finding in mended_by_line(case):
        mended = fixed(case, finding)
        assert mended is not None
        left = [again for other, again in mended_by_line(mended) if other == target]
        assert not left, (finding.id, finding.fix)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_any_one_line_leaves_no_other_for_its_field(case: Case) -> None:
    leaves_nothing_behind(case)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_field_is_given_one_line(case: Case) -> None:
    lines: dict[str, set[str | None]] = {}
    for target, finding in mended_by_line(case):
        lines.setdefault(target, set()).add(finding.fix)
    assert all(len(fixes) == 1 for fixes in lines.values()), lines


DIRECTIVES = st.sampled_from(
    ["default-src", "script-src", "script-src-elem", "script-src-attr", "object-src", "img-src", "imgsrc",
     "frame-ancestors", "base-uri", "plugin-types", "upgrade-insecure-requests"]
)  # fmt: skip
SOURCES = st.sampled_from(
    ["*", "https:", "data:", "self", "'self'", "'none'", "'nonce-a'", "nonce-a", "'strict-dynamic'",
     "'unsafe-inline'", "unsafe-eval", "'unsafe-evil'", "http://a.example:80", "a.example"]
)  # fmt: skip
POLICIES = st.lists(
    st.builds(lambda name, sources: " ".join((name, *sources)), DIRECTIVES, st.lists(SOURCES, max_size=4)),
    max_size=5,
).map("; ".join)
ATTRIBUTES = st.sampled_from(
    ["Secure", "HttpOnly", "SameSite=None", "SameSite=x", "SameSite=Lax", "Path=/", "Path=/a", "Domain=a.b",
     "Domain=example.com", "Max-Age=9"]
)  # fmt: skip
COOKIES = st.builds(
    lambda name, attributes: "; ".join((f"{name}=1", *attributes)),
    st.sampled_from(["sid", "a", "__Host-sid", "__Secure-a"]),
    st.lists(ATTRIBUTES, max_size=5),
)
HSTS_VALUES = st.lists(
    st.sampled_from(
        ["max-age=0", "max-age=300", "max-age=15768000", "max-age=x", "max-age", "preload",
         "includeSubDomains", "includeSubDomain", "preload=1", "=", ""]
    ),
    max_size=4,
).map("; ".join)  # fmt: skip
SENT = st.one_of(
    st.tuples(st.just(CSP), POLICIES),
    st.tuples(st.just(f"{CSP}-Report-Only"), POLICIES),
    st.tuples(st.just(COOKIE), COOKIES),
    st.tuples(st.just(HSTS), HSTS_VALUES),
    st.tuples(
        st.just("Access-Control-Allow-Origin"),
        st.sampled_from(["*", "null", "http://A.example/", "http://a.example:80 https://b.example", "x,"]),
    ),
    st.tuples(st.just("Access-Control-Allow-Credentials"), st.sampled_from(["true", "True", "1"])),
    st.tuples(st.just(XFO), st.sampled_from(["DENY", "SAMEORIGIN", "ALLOW-FROM http://a.example", "x"])),
)


@given(
    st.lists(SENT, max_size=5, unique_by=lambda field: (field[0], field[1].partition("=")[0])),
    st.sampled_from(["https://example.com/", "http://example.com/", "https://192.0.2.1/"]),
    st.sampled_from([PAGE, ("Content-Type", "text/css")]),
)
def test_so_it_is_whatever_was_sent(fields, url, content_type) -> None:
    leaves_nothing_behind(Case("any", (content_type, *fields), url=url))
