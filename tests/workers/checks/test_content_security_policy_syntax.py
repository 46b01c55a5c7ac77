"""Content-Security-Policy: how it is written."""

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
    page("good with nonces and hashes", "script-src 'nonce-a+/-_=' 'sha384-AbC+/==' 'unsafe-hashes'"),
    page("trusted types", "require-trusted-types-for 'script'; trusted-types 'allow-duplicates' none"),
    page("a misspelt directive", "defualt-src 'self'", finds=("csp-directive-unknown",)),
    page(
        "a misspelt directive beside the right one",
        "img-src 'self'; img-srcs *",
        finds=("csp-directive-unknown",),
    ),
    page("an unheard-of directive", "x-whatever 1; img-src 'self'", finds=("csp-directive-unknown",)),
    page("an unheard-of directive alone", "x-whatever 1", finds=("csp-directive-unknown",)),
    page("a retired directive", "img-src 'self'; plugin-types a/b", finds=("csp-directive-retired",)),
    page("a directive twice", "img-src 'self'; IMG-SRC *", finds=("csp-directive-repeated",)),
    page("no quotes", "script-src self", finds=("csp-keyword-unquoted",)),
    page("no quotes around a nonce", "script-src nonce-abc", finds=("csp-keyword-unquoted",)),
    page("a misspelt keyword", "script-src 'slef'", finds=("csp-keyword-unknown",)),
    page("a quote alone", "script-src ' 'self'", finds=("csp-keyword-unknown",)),
    page("a hash without its digest", "script-src 'sha256-'", finds=("csp-keyword-unknown",)),
    page("none among others", "img-src 'none' https://example.com", finds=("csp-none-among-others",)),
    page("none twice", "img-src 'none' 'none'", finds=("csp-none-among-others",)),
    page("plain http", "img-src http://example.com:80", finds=("csp-source-over-http",)),
    page("plain ws", "connect-src 'self' ws://example.com", finds=("csp-source-over-http",)),
    page("plain http on a plain page", "img-src http://example.com", url="http://example.com/"),
    page("plain http, upgraded", "img-src http://example.com; upgrade-insecure-requests"),
    page("a slip in the second policy", "img-src 'self'", "script-src self", finds=("csp-keyword-unquoted",)),
    page("non-ASCII directives are skipped", "img-src 'self'; b\xe4d-src x"),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("policy", "mended"),
    [
        ("defualt-src 'self'", "default-src 'self'"),
        ("script-src 'slef'", "script-src 'self'"),
        ("script-src self", "script-src 'self'"),
        ("img-src http://a.example:80 ws://b.example", "img-src https://a.example wss://b.example"),
        ("img-src 'none' a.example", "img-src a.example"),
        ("img-src a.example; img-src *", "img-src a.example"),
    ],
)
def test_the_fix_is_what_was_meant(policy: str, mended: str) -> None:
    case = Case("slip, on no page", (("Content-Type", "text/css"), ("Content-Security-Policy", policy)))
    assert [finding.fix for finding in findings(CHECK, case)] == [f"Content-Security-Policy: {mended}"]


def test_on_a_page_the_fix_mends_what_the_other_checks_find_too() -> None:
    case = page("slips", "img-src self http://a.example; script-src * 'unsafe-eval' b.example")
    assert {finding.fix for finding in findings(CHECK, case)} == {
        "Content-Security-Policy: img-src 'self' https://a.example; script-src b.example; object-src 'none'"
    }
