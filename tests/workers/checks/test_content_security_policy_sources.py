"""Content-Security-Policy: its sources."""

import pytest

from tests.workers.checks.cases import PAGE, Case, findings, found_ids
from workers.checks.content_security_policy_sources import CHECK

DIGEST = "a" * 43


def page(name: str, *policies: str, finds: tuple[str, ...] = (), url: str = "https://example.com/") -> Case:
    return Case(name, (PAGE, *(("Content-Security-Policy", policy) for policy in policies)), finds, url=url)


CASES = (
    page("no policy"),
    page(
        "good",
        "default-src 'self' https://example.com:443/path/ *.a.example data: 'report-sample' localhost:*; "
        "connect-src wss://a_b.example:* app-scheme://x a.example. 127.0.0.1; img-src 'none'; font-src",
    ),
    page("good with nonces and hashes", f"script-src 'nonce-a+/-_=' 'SHA256-{DIGEST}=' 'unsafe-hashes'"),
    page("no quotes", "script-src self", finds=("csp-keyword-unquoted",)),
    page("no quotes around a nonce", "script-src nonce-abc", finds=("csp-keyword-unquoted",)),
    page("a misspelt keyword", "script-src 'slef'", finds=("csp-keyword-unknown",)),
    page("a quote alone", "script-src ' 'self'", finds=("csp-keyword-unknown",)),
    page("a draft's keyword", "script-src 'wasm-eval'", finds=("csp-keyword-retired",)),
    page("none among others", "img-src 'none' https://example.com", finds=("csp-none-among-others",)),
    page("none twice", "img-src 'none' 'none'", finds=("csp-none-among-others",)),
    page("plain http", "img-src http://example.com:80", finds=("csp-source-over-http",)),
    page(
        "plain http of fenced frames", "fenced-frame-src http://example.com", finds=("csp-source-over-http",)
    ),
    page("plain http of any host", "img-src http:", finds=("csp-source-over-http",)),
    page("plain ws", "connect-src 'self' ws://example.com", finds=("csp-source-over-http",)),
    page("plain http on a plain page", "img-src http://example.com", url="http://example.com/"),
    page("the visitor's own machine", "connect-src ws://localhost:* http://127.0.0.1:1 http://a.localhost"),
    Case(
        "plain http, on no page",
        (("Content-Type", "text/javascript"), ("Content-Security-Policy", "img-src http://example.com")),
    ),
    page("plain http, upgraded", "img-src http://example.com; upgrade-insecure-requests"),
    page("a slip in the second policy", "img-src 'self'", "script-src self", finds=("csp-keyword-unquoted",)),
    page("inline code of pictures", "img-src 'unsafe-inline'", finds=("csp-source-without-effect",)),
    page("eval of elements", "script-src-elem 'unsafe-eval'", finds=("csp-source-without-effect",)),
    page("trust handed on by styles", "style-src 'strict-dynamic'", finds=("csp-source-without-effect",)),
    page("a nonce for frames", "frame-ancestors 'nonce-abc'", finds=("csp-source-without-effect",)),
    page("hashes of WebTransport servers", f"connect-src 'sha256-{DIGEST}=' 'unsafe-webtransport-hashes'"),
    page("keywords of workers", "worker-src 'self' 'strict-dynamic' 'nonce-abc' 'unsafe-eval'"),
    page("no scheme before slashes", "img-src //a.example", finds=("csp-source-invalid",)),
    page("slashes alone", "img-src // 'self'", finds=("csp-source-invalid",)),
    page("a star within", "img-src https://a.*.example", finds=("csp-source-invalid",)),
    page("a star at a word", "img-src *a.example", finds=("csp-source-invalid",)),
    page("a port that is none", "img-src a.example:https", finds=("csp-source-invalid",)),
    page("a query", "img-src https://a.example/b?c=d", finds=("csp-source-with-query",)),
    page("a fragment", "img-src a.example#b", finds=("csp-source-with-query",)),
    page("an address", "img-src 192.0.2.1", finds=("csp-source-address",)),
    page("an address of version 6", "img-src https://[2001:db8::1]:8443", finds=("csp-source-address",)),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("policy", "mended"),
    [
        ("script-src 'slef'", "script-src 'self'"),
        ("script-src self", "script-src 'self'"),
        ("script-src wasm-eval", "script-src 'wasm-unsafe-eval'"),
        ("img-src unsafe-inline a.example", "img-src a.example"),
        ("img-src 'unsafe-inline'", "img-src 'none'"),
        ("img-src 'none' a.example", "img-src a.example"),
        ("img-src //a.example/b *a.example //*", "img-src a.example/b"),
        ("img-src // a.example", "img-src a.example"),
        ("img-src https://a.example/b?c=d", "img-src https://a.example/b"),
        ("img-src 192.0.2.1 'self'", "img-src 'self'"),
    ],
)
def test_the_fix_is_what_was_meant(policy: str, mended: str) -> None:
    case = Case("slip, on no page", (("Content-Type", "text/css"), ("Content-Security-Policy", policy)))
    assert {finding.fix for finding in findings(CHECK, case)} == {f"Content-Security-Policy: {mended}"}


def test_a_page_that_lets_plain_http_in_is_to_let_https_in_instead() -> None:
    case = page("plain", "default-src 'none'; img-src http://a.example:80 ws://b.example")
    assert {finding.id for finding in findings(CHECK, case)} == {"csp-source-over-http"}
    assert all(
        "img-src https://a.example wss://b.example" in str(found.fix) for found in findings(CHECK, case)
    )


def test_on_a_page_the_fix_mends_what_the_other_checks_find_too() -> None:
    case = page("slips", "img-src self http://a.example; script-src * 'unsafe-eval' b.example")
    assert {finding.fix for finding in findings(CHECK, case)} == {
        "Content-Security-Policy: img-src 'self' https://a.example; script-src b.example; object-src 'none'"
    }
