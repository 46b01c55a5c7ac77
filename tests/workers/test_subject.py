"""A report that was found before is the one that would be found anew, whatever is alike and what is not.

`MASTHEAD_ALIKE=20000` in the environment draws so many lists of responses; CI draws a few.
"""

import os
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.workers.anew import report_anew
from tests.workers.checks.test_catalogue import TABLES
from workers import observatory
from workers.counted import read_counted
from workers.judge import judge
from workers.model import FOREIGN_ORIGIN, Gathered, Hop, Timing, Tls
from workers.observatory import NO_ANSWER, NOT_GATHERED, Evidence, HttpEntry, HttpsAnswer, Preflight, Step
from workers.subject import Subject, read_access

EXAMPLES = int(os.environ.get("MASTHEAD_ALIKE", "200"))
FIELDS = [field for _, case in TABLES for field in case.fields]
COOKIES = (
    "sid=1; Domain=a.example",
    "sid=1; Domain=.a.example; Secure; HttpOnly",
    "a=1; Domain=example",
    "a=1; Domain=192.0.2.1",
    "a=1; Domain=[2001:db8::1]",
    "a=1; Path=/x",
    "a=1; Path=/x; Expires=Tue, 24 Nov 2026 12:00:00 GMT",
    "a=2; Expires=Wed, 24 Nov 2027 12:00:00 GMT; Max-Age=60",
    "a=3; Expires=Thu, 24-Nov-2050 12:00:00 GMT",
    "__Host-a=1; Secure; Path=x",
    "a=1",
)
COMMON = [
    ("Strict-Transport-Security", "max-age=300"),
    ("Strict-Transport-Security", "max-age=63072000; includeSubDomains; preload"),
    ("Content-Security-Policy", "default-src 'self' http://cdn.a.example"),
    ("X-Backend", "a.local"),
    ("Cache-Control", "max-age=600, public"),
    ("Vary", "User-Agent"),
    ("Clear-Site-Data", '"*"'),
    ("NEL", '{"report_to": "x", "max_age": 60}'),
    ("X-Frame-Options", "DENY"),
    ("Content-Type", "application/json"),
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Type", "text/html"),
    ("Server", "cloudflare"),
    ("Server", "nginx/1.22.1"),
    ("X-Powered-By", "PHP/5.3"),
    *[("Set-Cookie", line) for line in COOKIES],
]
DEFAULT_PAGE = "<title>Welcome to nginx!</title><h1>Welcome to nginx!</h1>"
METAS = (
    "<meta charset=utf-8>",
    "<meta name=referrer content=no-referrer>",
    "<meta name=referrer content=unsafe-url>",
    "<meta http-equiv=Content-Security-Policy content='default-src *; sandbox'>",
    "<meta http-equiv=Content-Security-Policy content='frame-ancestors https://a.example'>",
)
SCHEMES = st.sampled_from(["https:", "http:"])
PLACES = st.sampled_from(
    [
        "//a.example/", "//www.a.example/x/y.json?z", "//www.a.example/x", "//b.example/logout",
        "//b.example/",
        "//github.com/", "//localhost/", "//192.0.2.1/", "//[2001:db8::1]/x/", "//a.local/", "//co.uk/",
        "//a.example/cgi-sys/defaultwebpage.cgi", "//a.example:8080/",
    ]
)  # fmt: skip
DATE = "Tue, 24 Nov 2026 12:00:00 GMT"
AT_S = 1_795_521_600.0
DATES = (
    DATE,
    "Wed, 25 Nov 2026 12:00:01 GMT",
    "Thu, 01 Jan 1970 00:00:01 GMT",
    "Thursday, 01-Jan-70 00:00:00 GMT",
    "soon",
    "0",
)
CHANGING = {
    "Date": DATES,
    "Expires": DATES,
    "Last-Modified": DATES,
    "Age": ("0", "86400", "-1"),
    "ETag": ('"1"', "1", "\xe9", "x" * 9_000),
}
STATUSES = st.sampled_from([200, 200, 200, 206, 301, 304, 401, 403, 404, 405, 502])
ADDRESSES = st.sampled_from(["192.0.2.1:443", "192.0.2.1"])  # fetched, and given
NOT_AFTER = st.sampled_from(["2026-11-25T00:00:00Z", "2027-03-01T00:00:00Z", ""])


@st.composite
def certificates(draw: st.DrawFn) -> Tls:
    version = draw(st.sampled_from(["TLSv1.3", "TLSv1"]))
    sans = draw(st.sampled_from([("a.example",), ("*.example",), ()]))
    return Tls(
        version, "AES", None, draw(st.booleans()), "a", draw(st.sampled_from("ab")), draw(NOT_AFTER), sans, ""
    )


@dataclass(frozen=True)
class Alike:
    """What the responses of one example have in common, or nearly so."""

    lasting: tuple[tuple[str, str], ...]
    passing: tuple[str, ...]
    scheme: str
    status: int
    is_alone: bool


@st.composite
def likenesses(draw: st.DrawFn) -> Alike:
    cookies = st.sampled_from(COOKIES).map(lambda line: ("Set-Cookie", line))
    fields = st.one_of(cookies, st.sampled_from(COMMON), st.sampled_from(FIELDS))
    passing = st.sampled_from(list(CHANGING))
    return Alike(
        tuple(draw(st.lists(fields, max_size=6))),
        tuple(draw(st.lists(passing, max_size=3))),
        draw(st.sampled_from(["https:", "https:", "http:"])),
        draw(STATUSES),
        draw(st.sampled_from([True, True, True, False])),
    )


@st.composite
def chains(draw: st.DrawFn, alike: Alike) -> tuple[Hop, ...]:
    """Hops whose last one is alike, wherever it came from."""
    count = 1 if alike.is_alone else draw(st.integers(2, 3))
    hops = []
    for place in range(count):
        is_last = place == count - 1
        url = f"{alike.scheme if is_last else draw(SCHEMES)}{draw(PLACES)}"
        fields = [(name, draw(st.sampled_from(CHANGING[name]))) for name in alike.passing]
        fields += alike.lasting if is_last else draw(st.lists(st.sampled_from(COMMON), max_size=3))
        tls = draw(certificates()) if url.startswith("https:") else None
        status = alike.status if is_last else 302
        address = draw(ADDRESSES)
        hops.append(Hop(url, "GET", status, "", "1.1", address, tuple(fields), (), tls, Timing()))
    return tuple(hops)


@st.composite
def evidences(draw: st.DrawFn, hops: tuple[Hop, ...]) -> Evidence | None:
    """What else was given; mostly nothing."""
    if draw(st.sampled_from([True, True, False])):
        return None
    read = observatory.read_hops(hops)
    other = (("Strict-Transport-Security", draw(st.sampled_from(["max-age=1", "max-age=31536000"]))),)
    https = st.sampled_from([HttpsAnswer(read.headers), HttpsAnswer(other, draw(st.booleans())), NO_ANSWER])
    route = (Step("http://a.example/", 301), Step("https:" + draw(PLACES), 200))
    entry = st.sampled_from([NO_ANSWER, HttpEntry(route, draw(st.booleans()))])
    preflight = Preflight(
        draw(st.sampled_from([200, 204, 403])),
        (
            ("Access-Control-Allow-Origin", draw(st.sampled_from(["*", "a", "null", FOREIGN_ORIGIN]))),
            ("Access-Control-Allow-Credentials", draw(st.sampled_from(["true", "false"]))),
        ),
        draw(st.sampled_from(["a", FOREIGN_ORIGIN, FOREIGN_ORIGIN])),
    )
    return replace(
        read,
        https=draw(st.just(read.https) | https),
        http_entry=draw(st.just(read.http_entry) | entry),
        preflight=draw(st.sampled_from([NO_ANSWER, preflight])),
        body=draw(st.sampled_from(["", "<script src=//b.example/x></script>", DEFAULT_PAGE, *METAS])),
    )


def gathered(at_s: float) -> Gathered:
    return Gathered(1, "a", "https://a.example/", (), None, at_s, 1.0)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.data())
def test_a_report_is_what_each_judge_says_by_itself(data: st.DataObject) -> None:
    alike = data.draw(likenesses())
    for _ in range(5):
        hops = data.draw(chains(alike))
        evidence = data.draw(evidences(hops))
        item = gathered(data.draw(st.sampled_from([AT_S, AT_S + 86_401.5, 1.7e9])))
        judged = judge(item, hops, evidence, item.started_at)
        assert judged is not None
        anew = report_anew(item, hops, evidence)
        assert judged.written == msgspec.json.encode(anew)
        assert judged.grade == (anew.observatory and anew.observatory.grade)
        assert read_counted(judged.counted) == tuple(
            (finding.id, finding.severity) for finding in anew.findings
        )
        assert judged.partial is anew.partial


ALLOWED, CREDENTIALS = "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials"


@pytest.mark.parametrize(
    ("status", "origins", "credentials", "access"),
    [
        (200, (FOREIGN_ORIGIN,), ("true",), "any-with-credentials"),
        (204, (FOREIGN_ORIGIN,), ("true",), "any-with-credentials"),
        (200, (FOREIGN_ORIGIN,), (), "any"),
        (200, (FOREIGN_ORIGIN,), ("True",), "any"),
        (200, (FOREIGN_ORIGIN,), ("true", "true"), "any"),
        (200, ("null",), ("true",), "null-with-credentials"),
        (200, ("null",), ("false",), "null"),
        (200, ("*",), ("true",), None),
        (200, ("https://app.example",), ("true",), None),
        (200, (FOREIGN_ORIGIN, FOREIGN_ORIGIN), ("true",), None),
        (200, (), ("true",), None),
        (403, (FOREIGN_ORIGIN,), ("true",), None),
        (302, (FOREIGN_ORIGIN,), ("true",), None),
    ],
)
def test_whom_a_preflight_allows_is_what_a_browser_takes_it_for(status, origins, credentials, access) -> None:
    fields = (*((ALLOWED, each) for each in origins), *((CREDENTIALS, each) for each in credentials))
    evidence = given_beside(Preflight(status, fields, FOREIGN_ORIGIN))
    assert read_access(evidence) == access


@pytest.mark.parametrize("preflight", [NO_ANSWER, NOT_GATHERED])
def test_a_preflight_that_was_not_answered_allows_nobody(preflight) -> None:
    assert read_access(given_beside(preflight)) is None


@pytest.mark.parametrize("origin", [None, "https://app.example"])
def test_a_preflight_from_a_site_that_may_be_known_tells_nothing_of_any(origin: str | None) -> None:
    allowed = ((ALLOWED, origin or FOREIGN_ORIGIN), (CREDENTIALS, "true"))
    assert read_access(given_beside(Preflight(200, allowed, origin))) is None


def test_sites_share_what_is_found_by_what_their_preflights_allow() -> None:
    """Whoever allows nobody, in whatever words, is alike; so is whoever allows any."""
    refused = Preflight(200, ((ALLOWED, "https://app.example"),), FOREIGN_ORIGIN)
    allowed = Preflight(200, ((ALLOWED, FOREIGN_ORIGIN), (CREDENTIALS, "true")), FOREIGN_ORIGIN)
    item, told = gathered(AT_S), []
    for preflight in (NO_ANSWER, refused, allowed, allowed):
        evidence = given_beside(preflight)
        subject = Subject(item, PLAIN_HOPS, evidence, AT_S)
        told.append((subject.preflight, subject.was_read))
        judged = judge(item, PLAIN_HOPS, evidence, AT_S)
        assert judged is not None
        assert judged.written == msgspec.json.encode(report_anew(item, PLAIN_HOPS, evidence))
    access = "any-with-credentials"
    assert told == [(None, False), (None, False), (access, False), (access, False)]


PLAIN_HOPS = (Hop("https://a.example/", "GET", 200, "", "1.1", "192.0.2.1", (), (), None, Timing()),)


def given_beside(preflight: Preflight | observatory.Absent) -> Evidence:
    return replace(observatory.read_hops(PLAIN_HOPS), preflight=preflight, body="")


NO_NAMES = Tls("TLSv1.3", "TLS_AES_256_GCM_SHA384", None, True, "a", "b", "2027-03-01T00:00:00Z", ("a",), "")
PAIRS = {
    "one host is preloaded": ((), "//github.com/", "//a.example/"),
    "one host's parent is preloaded": ((), "//x.app/", "//x.example/"),
    "cookies of one name and the default path": (("a=1", "a=1; Path=/x"), "//a.example/x/y", "//a.example/y"),
    "a cookie of the host itself": (("sid=1; Domain=a.example",), "//a.example/", "//b.example/"),
    "a cookie of the host's parent": (("sid=1; Domain=a.example",), "//www.a.example/", "//b.example/"),
    "a cookie of an address": (("a=1; Domain=192.0.2.1",), "//192.0.2.1/", "//192.0.2.2/"),
    "a cookie of an IPv6 address": (("a=1; Domain=[2001:db8::1]",), "//[2001:db8::1]/", "//[2001:db8::2]/"),
    "one that has no brackets": (("a=1; Domain=2001:db8::1",), "//[2001:db8::1]/", "//[2001:db8::2]/"),
    "a cookie of a public suffix": (("a=1; Domain=co.uk", "a=2"), "//co.uk/", "//a.co.uk/"),
    "a prefix that wants a path": (("__Host-a=1; Secure; Path=x",), "//a.example/", "//a.example/y/z"),
}


@pytest.mark.parametrize("scheme", ["https:", "http:"])
@pytest.mark.parametrize(("lines", "one", "other"), PAIRS.values(), ids=PAIRS)
def test_a_difference_that_counts_keeps_two_reports_apart(
    lines: tuple[str, ...], one: str, other: str, scheme: str
) -> None:
    for place in (one, other, one):
        assert_judged_anew(scheme + place, tuple(("Set-Cookie", line) for line in lines))


@pytest.mark.parametrize(
    "change",
    [
        {"verified": False},
        {"not_after": "2026-12-01T00:00:00Z"},
        {"version": "TLSv1"},
        {"cipher": "RC4"},
        {"sans": ()},
    ],
    ids=str,
)
def test_so_does_a_certificate(change: dict[str, Any]) -> None:
    for tls in (NO_NAMES, msgspec.structs.replace(NO_NAMES, **change), NO_NAMES):
        assert_judged_anew("https://a.example/", (), tls)


@pytest.mark.parametrize(("name", "values"), CHANGING.items())
@pytest.mark.parametrize("beside", [(), (("Set-Cookie", "a=1; Expires=Tue, 24 Nov 2026 12:00:00 GMT"),)])
def test_so_do_fields_that_pass(
    name: str, values: tuple[str, ...], beside: tuple[tuple[str, str], ...]
) -> None:
    fields = (("Cache-Control", "max-age=60"), ("Content-Type", "text/html"), *beside)
    for value in (*values, *values):
        assert_judged_anew("https://a.example/", (*fields, (name, value)))
        assert_judged_anew("https://a.example/", (*fields, ("Date", DATE), (name, value)))


def assert_judged_anew(url: str, fields: tuple[tuple[str, str], ...], tls: Tls | None = None) -> None:
    item, hops = gathered(AT_S), (Hop(url, "GET", 200, "", "1.1", "192.0.2.1", fields, (), tls, Timing()),)
    judged = judge(item, hops)
    assert judged is not None
    assert judged.written == msgspec.json.encode(report_anew(item, hops))
