"""Content-Security-Policy: what it lets scripts do."""

import pytest

from tests.workers.checks.cases import PAGE, Case, findings, found_ids
from workers.checks.content_security_policy_scripts import CHECK

INLINE, EVAL = "csp-scripts-unsafe-inline", "csp-scripts-unsafe-eval"


def page(name: str, *policies: str, finds: tuple[str, ...] = ()) -> Case:
    return Case(name, (PAGE, *(("Content-Security-Policy", policy) for policy in policies)), finds)


CASES = (
    page("no policy"),
    page("good", "default-src 'self'"),
    page("good with nonces", "script-src 'nonce-abc' 'strict-dynamic' https: 'unsafe-inline'"),
    page("good with hashes", "script-src 'sha256-abc=' 'unsafe-inline'"),
    page("scripts left out", "frame-ancestors 'self'", finds=("csp-scripts-unrestricted",)),
    page(
        "only event handlers, inline", "script-src-attr 'unsafe-inline'", finds=("csp-scripts-unrestricted",)
    ),
    page("only event handlers", "script-src-attr 'none'", finds=("csp-scripts-unrestricted",)),
    page("only script elements", "script-src-elem 'self'", finds=("csp-event-handlers-unrestricted",)),
    page("script elements and event handlers", "script-src-elem 'self'; script-src-attr 'none'"),
    page(
        "script elements in one policy, event handlers in another",
        "script-src-elem 'self'",
        "script-src-attr 'none'",
    ),
    page("scripts restricted by the second policy", "frame-ancestors 'self'", "script-src 'self'"),
    page("inline", "script-src 'self' 'unsafe-inline'", finds=(INLINE,)),
    page("inline in capitals", "script-src 'self' 'UNSAFE-INLINE'", finds=(INLINE,)),
    page("inline by default", "default-src 'self' 'unsafe-inline'", finds=(INLINE,)),
    page("inline for event handlers", "script-src 'self'; script-src-attr 'unsafe-inline'", finds=(INLINE,)),
    page("inline beside a broken nonce", "script-src 'nonce-' 'unsafe-inline'", finds=(INLINE,)),
    page("inline beside a nonce that is none", "script-src 'nonce-a$' 'unsafe-inline'", finds=(INLINE,)),
    page(
        "handlers by hash",
        f"script-src 'self' 'unsafe-hashes' 'sha256-{'a' * 43}='",
        finds=("csp-scripts-unsafe-hashes",),
    ),
    page("any host by another spelling", "script-src https://*:*", finds=("csp-scripts-from-anywhere",)),
    page("any host by wss", "script-src wss:", finds=("csp-scripts-from-anywhere",)),
    page("any host of another scheme", "script-src chrome-extension://*"),
    page("any host for elements that are told apart", "script-src *; script-src-elem 'self'"),
    page("known hosts are another check's", "script-src *.google.com *.com"),
    page("inline for styles", "default-src 'self'; style-src 'unsafe-inline'"),
    page("inline in the first policy alone", "script-src 'unsafe-inline'", "script-src 'self'"),
    page(
        "inline in all policies", "script-src 'unsafe-inline'", "default-src 'unsafe-inline'", finds=(INLINE,)
    ),
    page("eval", "script-src 'self' 'unsafe-eval'", finds=(EVAL,)),
    page("eval of WebAssembly", "script-src 'self' 'wasm-unsafe-eval'"),
    page(
        "eval where script elements are told apart",
        "script-src 'unsafe-eval'; script-src-elem 'self'",
        finds=(EVAL,),
    ),
    page("any host", "script-src *", finds=("csp-scripts-from-anywhere",)),
    page("any host over https", "default-src https:", finds=("csp-scripts-from-anywhere",)),
    page("any host under a domain", "script-src *.example.com"),
    page("data", "script-src 'self' data:", finds=("csp-scripts-from-data-urls",)),
    page(
        "data and blob",
        "default-src 'self' blob: data:",
        finds=("csp-scripts-from-data-urls", "csp-scripts-from-blob-urls"),
    ),
    page("blob in one of two", "script-src blob: 'self'", "script-src 'self'"),
    page("blob and filesystem", "script-src filesystem: blob:", finds=("csp-scripts-from-blob-urls",)),
    page("data set aside by strict-dynamic", "script-src 'nonce-abc' 'strict-dynamic' data:"),
    page("strict-dynamic alone", "script-src 'strict-dynamic'", finds=("csp-strict-dynamic-alone",)),
    page(
        "all of it",
        "default-src * 'unsafe-inline' 'unsafe-eval'",
        finds=(INLINE, EVAL, "csp-scripts-from-anywhere"),
    ),
    Case("on JSON", (("Content-Type", "application/json"), ("Content-Security-Policy", "script-src *"))),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


def test_a_fix_takes_scripts_out_of_default_src_and_leaves_the_rest() -> None:
    case = page("default", "default-src https: data:; img-src *")
    assert [finding.fix for finding in findings(CHECK, case)] == [
        "Content-Security-Policy: default-src https: data:; img-src *; script-src 'self'; object-src 'none'"
    ] * 2


def test_a_fix_keeps_the_sources_that_are_harmless() -> None:
    case = page("mixed", "default-src 'self'; script-src https://cdn.example 'unsafe-inline' * 'sha256-'")
    assert {finding.fix for finding in findings(CHECK, case)} == {
        "Content-Security-Policy: default-src 'self'; script-src https://cdn.example"
    }
