"""Content-Security-Policy: how its directives are written."""

import pytest

from tests.workers.checks.cases import PAGE, Case, findings, found_ids
from workers.checks.content_security_policy_syntax import CHECK


def page(name: str, *policies: str, finds: tuple[str, ...] = (), url: str = "https://example.com/") -> Case:
    return Case(name, (PAGE, *(("Content-Security-Policy", policy) for policy in policies)), finds, url=url)


CASES = (
    page("no policy"),
    page(
        "good",
        "default-src 'self' https://example.com:443/path/ *.a.example data: 'report-sample'; sandbox",
    ),
    page("several policies", "default-src 'self'", "img-src *"),
    page("a misspelt directive", "defualt-src 'self'", finds=("csp-directive-unknown",)),
    page("a directive with a colon", "script-src: 'self'", finds=("csp-directive-unknown",)),
    page(
        "a misspelt directive beside the right one",
        "img-src 'self'; img-srcs *",
        finds=("csp-directive-unknown",),
    ),
    page("an unheard-of directive", "x-whatever 1; img-src 'self'", finds=("csp-directive-unknown",)),
    page("an unheard-of directive alone", "x-whatever 1", finds=("csp-directive-unknown",)),
    page("a retired directive", "img-src 'self'; plugin-types a/b", finds=("csp-directive-retired",)),
    page("a retired directive of sources", "prefetch-src 'self'", finds=("csp-directive-retired",)),
    page("a directive twice", "img-src 'self'; IMG-SRC *", finds=("csp-directive-repeated",)),
    page("typographic quotes", "img-src \x93self\x94; font-src b", finds=("csp-directive-not-ascii",)),
    page("no semicolon", "default-src 'self' script-src 'none'", finds=("csp-semicolon-missing",)),
    page(
        "no semicolon after an address", "report-uri /r object-src 'none'", finds=("csp-semicolon-missing",)
    ),
    page("no semicolon, in the names of Trusted Types", "trusted-types script-src img-src"),
    page("a comma in a list", "script-src 'self', https://a.example", finds=("csp-source-as-directive",)),
    page("a semicolon in a list", "script-src 'self'; 'unsafe-eval'", finds=("csp-source-as-directive",)),
    page("a value where none is", "upgrade-insecure-requests 0", finds=("csp-directive-value-ignored",)),
    page(
        "commas for semicolons",
        "default-src 'self', script-src 'self' cdn.example, img-src *",
        finds=("csp-comma-for-semicolon",),
    ),
    page("policies that go together", "default-src 'self' a.example, script-src 'self'"),
    page("policies of which each is whole", "default-src 'self', default-src *"),
    page("a policy of what default-src is not about", "default-src 'self', frame-ancestors a.example"),
    page("keywords and hosts are another check's", "img-src self http://a.example 'slef'"),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("policy", "mended"),
    [
        ("defualt-src 'self'", "default-src 'self'"),
        ("img-src a.example; img-src *", "img-src a.example"),
        ("img-src a.example script-src b.example", "img-src a.example; script-src b.example"),
        ("img-src a.example, b.example c.example", "img-src a.example b.example c.example"),
        ("img-src a.example; 'self'; font-src b.example", "img-src a.example 'self'; font-src b.example"),
        ("upgrade-insecure-requests 1", "upgrade-insecure-requests"),
        ("img-src a.example; referrer origin", "img-src a.example"),
        ("referrer origin", "default-src 'self'"),
        ("script_src 'self'; imgsrc *", "script-src 'self'; img-src *"),
    ],
)
def test_the_fix_is_what_was_meant(policy: str, mended: str) -> None:
    case = Case("slip, on no page", (("Content-Type", "text/css"), ("Content-Security-Policy", policy)))
    assert {finding.fix for finding in findings(CHECK, case)} == {f"Content-Security-Policy: {mended}"}


def test_one_policy_is_offered_where_commas_made_several() -> None:
    case = page("commas", "default-src 'self', img-src *")
    assert [finding.fix for finding in findings(CHECK, case)] == [
        "Where one policy was meant, send it as default-src 'self'; img-src *"
    ]
