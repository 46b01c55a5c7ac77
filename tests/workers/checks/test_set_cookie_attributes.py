"""The attributes of Set-Cookie: what browsers make of them, and the line in which they say what was meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workers.checks.cases import Case, findings, fixed, found_ids
from workers.checks.set_cookie import CHECK

DATE = ("Date", "Thu, 01 Jan 2026 00:00:00 GMT")
NEXT_YEAR = "Fri, 01 Jan 2027 00:00:00 GMT"


def sent(name: str, *lines: str, finds: tuple[str, ...] = (), url: str = "https://www.example.com/") -> Case:
    """A response of the first of January 2026 with Secure cookies."""
    return Case(name, (DATE, *(("Set-Cookie", f"{line}; Secure") for line in lines)), finds, url=url)


def each(rule: str, *lines: str, **where: str) -> tuple[Case, ...]:
    """A case of each line, all of which break the one rule."""
    return tuple(sent(f"{rule}: {line[:40]}", line, finds=(rule,), **where) for line in lines)


def undated(case: Case) -> Case:
    return Case(case.name, case.fields[1:], case.finds, url=case.url)


CASES = (
    sent("as the standard has them", f"a=b; Path=/; Max-Age=31536000; Expires={NEXT_YEAR}; Priority=High"),
    sent("empty ones", "a=b;; Path=; Domain=; Expires=; Max-Age; ; "),
    *each(
        "cookie-attribute-misspelt",
        "a=b; Http-Only",
        "a=b; max_age=60",
        "a=b; same-site=Lax; HTTP_ONLY; expire=x",
        "a=b; HttpOnly; Http-Only",
    ),
    *each("cookie-attribute-unknown", "a=b; c=d", "a=b; Path:/", "a=b; =", f"a=b; {';'.join('cd')}"),
    *each("cookie-attribute-obsolete", "a=b; Version=1; Comment=x"),
    *each("cookie-attribute-repeated", "a=b; Path=/; Path=/x", "a=b; Max-Age=60; max-age=6"),
    sent("repeated, of one mind", "a=b; Path=/; path=/"),
    *each("cookie-flag-with-value", "a=b; HttpOnly=false", "a=b; HttpOnly = 0"),
    sent("a flag that is on", "a=b; HttpOnly=true"),
    *each("cookie-attribute-too-long", f"a=b; Path=/{'x' * 1024}"),
    *each("cookie-line-too-long", f"a=b; {';'.join('x' * 30)}", f"a=b; {'x' * 9000}"),
    *each("cookie-too-large", f"a={'x' * 9000}"),
    *each(
        "cookie-expires-malformed",
        "a=b; Expires=Session",
        "a=b; Expires=2026-06-01T00:00:00Z",
        "a=b; Expires=9999-12-31T23:59:59-01:00",
        "a=b; Expires=Fri, 31-Feb-2026 00:00:00 GMT",
        "a=b; Expires=0",
        "a=b; Expires=3600",
    ),
    *each("cookie-max-age-malformed", "a=b; Max-Age=1 day", "a=b; Max-Age=3600.5", 'a=b; Max-Age="60"'),
    sent("a negative age", "a=b; Max-Age=-1"),
    *each(
        "cookie-expires-contradicts-max-age",
        "a=b; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        f"a=b; Max-Age=0; Expires={NEXT_YEAR}",
        f"a=b; Max-Age=60; Expires={NEXT_YEAR}",
    ),
    undated(sent("no telling without a Date", f"a=b; Max-Age=0; Expires={NEXT_YEAR}")),
    *each("cookie-expires-two-digit-year", "a=b; Expires=Fri, 01-Jan-27 00:00:00 GMT"),
    *each("cookie-lifetime-capped", "a=b; Max-Age=63072000", "a=b; Expires=Sat, 01 Jan 2028 00:00:00 GMT"),
    undated(sent("two years from nobody knows when", "a=b; Expires=Sat, 01 Jan 2028 00:00:00 GMT")),
    sent("400 days", "a=b; Max-Age=34560000"),
    *each("cookie-domain-leading-dot", "a=b; Domain=.example.com"),
    *each("cookie-domain-address", "a=b; Domain=192.0.2.1", url="https://192.0.2.1/"),
    *each("session-cookie-with-domain", "sid=1; HttpOnly; SameSite=Lax; Domain=example.com"),
    *each("cookie-path-ignored", 'a=b; Path="/"', "a=b; Path=x", "a=b; Path=https://www.example.com/x"),
    *each("cookie-path-unreachable", "a=b; Path=/x?y", "a=b; Path=/x y", "a=b; Path=/\xe4"),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("line", "mended"),
    [
        ("a=b; Http-Only; same_site=Lax; foo; Version=1", "a=b; HttpOnly; SameSite=Lax; Secure"),
        ("a=b; HttpOnly; Http-Only=x", "a=b; HttpOnly; Secure"),
        ("a=b; Path=/x; HttpOnly=no; path=/y", "a=b; HttpOnly; Path=/y; Secure"),
        ("a=b; Max-Age=60; Max-Age=x", "a=b; Max-Age=60; Secure"),
        ('a=b; Max-Age="60.5"', "a=b; Max-Age=60; Secure"),
        ("a=b; Max-Age=soon", "a=b; Secure"),
        ("a=b; Expires=2027-01-01 01:00:00+01:00", f"a=b; Expires={NEXT_YEAR}; Secure"),
        ("a=b; Expires=-1", "a=b; Max-Age=0; Secure"),
        ("a=b; Expires=Fri, 01-Jan-27 00:00:00 GMT", f"a=b; Expires={NEXT_YEAR}; Secure"),
        ("a=b; Max-Age=60; Expires=Fri, 01-Jan-27 00:00:00 GMT", "a=b; Max-Age=60; Secure"),
        ("a=b; Expires=Sat, 01-Jan-28 00:00:00 GMT; Path=/", "a=b; Path=/; Secure; Max-Age=34560000"),
        ("a=b; Domain=.Example.com; Path=x?y", "a=b; Domain=Example.com; Path=/x; Secure"),
        ("a=b; Domain=..example.com", "a=b; Domain=example.com; Secure"),
        ("a=b; Path='/a b'", "a=b; Path=/a%20b; Secure"),
        ("a=b; Path=https://www.example.com", "a=b; Path=/; Secure"),
        ("__Host-a=b; Domain=.other.example; Path=x", "__Host-a=b; Secure; Path=/"),
    ],
)
def test_the_line_says_what_was_meant(line: str, mended: str) -> None:
    fixes = {finding.fix for finding in findings(CHECK, sent("any", line))}
    assert fixes == {f"Set-Cookie: {mended}"}


ATTRIBUTES = st.sampled_from(
    ["Secure", "Http-Only", "HttpOnly=0", "SameSite=None", "same-site=x", "SameSite", "Path=/", "Path=x",
     "Path=/a?b", 'Path="/"', "Domain=.example.com", "Domain=com", "Domain=a.b", "Domain=*.example.com",
     "Max-Age=9", "max_age=99", "Max-Age=x", "Max-Age=0", "Max-Age=99999999", "Expires=0", "Expires=x",
     "Expires=Fri, 01-Jan-27 00:00:00 GMT", "Expires=Sat, 01 Jan 2028 00:00:00 GMT", "Version=1", "foo", "",
     "Expires=Thu, 01 Jan 1970 00:00:00 GMT", "Expires=2027-01-01T00:00:00Z", "Partitioned", "=", "b=c",
     "Domain=", "Max-Age='1.0'", "Secure, c=d", f"Path=/{'x' * 1024}"]
)  # fmt: skip
LINES = st.builds(
    lambda name, attributes: "; ".join((f"{name}=1", *attributes)),
    st.sampled_from(["sid", "a", "__Host-sid", "__Secure-a", "__Host-Http-a", "__http-a", "__host-a", ""]),
    st.lists(ATTRIBUTES, max_size=6),
)


@given(
    st.lists(LINES, max_size=3),
    st.sampled_from(
        ["https://www.example.com/", "http://example.com/", "http://localhost/", "https://192.0.2.1/", "x:"]
    ),
    st.booleans(),
)
def test_whatever_was_sent_one_line_mends_what_lines_can(lines: list[str], url: str, is_dated: bool) -> None:
    fields = tuple(("Set-Cookie", line) for line in lines)
    case = Case("any", (DATE, *fields) if is_dated else fields, url=url)
    given_lines: dict[str, str] = {}
    for finding in findings(CHECK, case):
        mended = fixed(case, finding)
        if mended is None or finding.fix is None:
            continue
        name = finding.fix.partition("=")[0]
        assert given_lines.setdefault(name, finding.fix) == finding.fix
        fixes = [again.fix for again in findings(CHECK, mended) if (again.fix or "").startswith(f"{name}=")]
        assert fixes == []
