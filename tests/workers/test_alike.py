"""Findings that equal responses share: the same as each response by itself would have, found once."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workers.checks.cases import Case, response_of
from tests.workers.checks.test_catalogue import TABLES
from workers import alike, observatory
from workers.alike import find, grade
from workers.check import Check, Rule
from workers.model import SEVERITIES, Finding, Hop, Timing, Tls
from workers.registry import all_checks
from workers.response import Response

RULE = Rule(
    id="a-rule", severity="low", field="A", message="{what}.", why=".", fix=None, reference="RFC 9110"
)
URLS = ("https://a.example/", "https://b.example/x?y", "https://192.0.2.1/")
DATES = ("Tue, 24 Nov 2026 12:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 GMT", "soon")


def alone(response: Response) -> list[Finding]:
    found = [finding for check in all_checks() for finding in check.run(response)]
    return sorted(found, key=lambda finding: -SEVERITIES.index(finding.severity))


def response(fields: tuple[tuple[str, str], ...], url: str = URLS[0], at_s: float = 1.7e9) -> Response:
    return Response(url=url, status=200, fields=fields, at_s=at_s)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The ids of the checks that have run, of three that ask for different things."""
    ran: list[str] = []

    def check(name: str, ask: str) -> Check:
        def run(response: Response) -> Iterator[Finding]:
            ran.append(name)
            yield RULE.found(what=f"{name} {getattr(response, ask)}")

        return Check(id=name, title="", why="", reference="", rules=(RULE,), run=run)

    checks = (check("of-host", "url"), check("of-status", "status"), check("of-time", "at_s"))
    monkeypatch.setattr(alike, "select_checks", lambda _: checks)
    alike._kept_of.cache_clear()
    yield ran
    alike._kept_of.cache_clear()


def test_what_asks_for_nothing_else_is_found_once(counted: list[str]) -> None:
    first, second = (
        find("all", response((("Date", date),), url)) for date, url in zip(DATES[:2], URLS[:2], strict=True)
    )
    assert counted == ["of-host", "of-status", "of-time", "of-host", "of-time"]
    assert [finding.message for finding in first] == [
        f"of-host {URLS[0]}.",
        "of-status 200.",
        "of-time 1700000000.0.",
    ]
    assert [finding.message for finding in second][:2] == [f"of-host {URLS[1]}.", "of-status 200."]


def test_other_values_and_other_names_are_no_likeness(counted: list[str]) -> None:
    for fields in ((("A", "1"),), (("A", "2"),), (("a", "1"),), (("A", "1"), ("Date", "x"))):
        find("all", response(fields))
    assert counted.count("of-status") == 4


def test_what_is_kept_is_bounded(counted: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alike, "KEPT", 2)
    for value in ("1", "2", "3", "2", "1", "x" * alike.KEPT_CHARACTERS, "1"):
        find("all", response((("A", value),)))
    assert counted.count("of-status") == 5
    assert len(alike._kept_of("all")) == 2


@pytest.mark.parametrize("case", [case for _, case in TABLES], ids=str)
def test_it_is_what_each_would_have_by_itself(case: Case) -> None:
    for _ in range(2):
        assert find("all", response_of(case)) == alone(response_of(case))


FIELDS = [field for _, case in TABLES for field in case.fields]


@given(
    st.lists(st.sampled_from(FIELDS), max_size=8),
    st.lists(
        st.tuples(st.sampled_from(URLS), st.sampled_from(DATES), st.integers(0, 1 << 31)),
        min_size=2,
        max_size=3,
    ),
)
def test_so_it_is_whatever_is_alike(fields, moments) -> None:
    for url, date, at_s in moments:
        sent = response((*fields, ("Date", date), ("ETag", f'"{at_s}"')), url, at_s)
        assert find("all", sent) == alone(sent)


SITES = (
    "https://a.example/",
    "https://google.com/",
    "http://b.example/",
    "https://192.0.2.1/",
)  # one is preloaded
COMMON = (
    ("Strict-Transport-Security", "max-age=300"),
    ("Content-Security-Policy", "default-src 'self'"),
    ("X-Frame-Options", "DENY"),
    ("Set-Cookie", "sid=1; Domain=a.example"),
    ("Content-Type", "application/json"),
)


@given(
    st.lists(st.sampled_from(COMMON), unique=True),
    st.lists(
        st.tuples(st.sampled_from(SITES), st.none() | st.sampled_from(SITES), st.booleans(), st.booleans()),
        min_size=2,
        max_size=4,
    ),
)
def test_a_grade_is_what_the_observatory_says_of_each(fields, sites) -> None:
    for url, before, verified, is_full in sites:
        hops = tuple(hop(each, tuple(fields), verified) for each in (before, url) if each is not None)
        evidence = observatory.read_hops(hops)
        if is_full:
            evidence = replace(evidence, body="", preflight=observatory.NO_ANSWER)
        assert grade(response(tuple(fields), url), evidence) == observatory.grade(evidence)


def hop(url: str, fields: tuple[tuple[str, str], ...], verified: bool) -> Hop:
    tls = Tls("TLSv1.3", "x", None, verified, "", "", "", (), "") if url.startswith("https:") else None
    return Hop(url, "HEAD", 200, "OK", "1.1", "192.0.2.1:443", fields, (), tls, Timing())


def test_headers_of_the_https_site_that_are_not_the_pages_are_graded_too() -> None:
    page = observatory.read_hops((hop(SITES[0], (), True),))
    for age_s in ("1", "31536000"):
        given_elsewhere = observatory.HttpsAnswer((("Strict-Transport-Security", f"max-age={age_s}"),))
        evidence = replace(page, https=given_elsewhere)
        assert grade(response((), SITES[0]), evidence) == observatory.grade(evidence)
