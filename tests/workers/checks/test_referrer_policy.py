"""Referrer-Policy, as the W3C has it."""

import pytest

from tests.workers.checks.cases import PAGE, Case, findings, found_ids
from workers.checks.referrer_policy import CHECK
from workers.model import Meta


def page(name: str, *values: str, finds: tuple[str, ...] = ()) -> Case:
    return Case(name, (PAGE, *(("Referrer-Policy", value) for value in values)), finds)


def in_page(name: str, policy: str, finds: tuple[str, ...] = (), *, sent: str | None = None) -> Case:
    fields = (PAGE,) if sent is None else (PAGE, ("Referrer-Policy", sent))
    return Case(name, fields, finds, meta=Meta((), policy))


CASES = (
    page("good", "strict-origin-when-cross-origin"),
    page("in capitals", "NO-REFERRER"),
    page("missing", finds=("referrer-policy-missing",)),
    page("the last known value counts", "unsafe-url, no-referrer, of-the-future"),
    page(
        "the last of two lines counts",
        "no-referrer",
        "unsafe-url",
        finds=("referrer-policy-leaks-url", "referrer-policy-conflicting"),
    ),
    page("two lines that agree", "no-referrer", "unsafe-url, No-Referrer"),
    page("two lines that differ", "same-origin", "no-referrer", finds=("referrer-policy-conflicting",)),
    page("two lines, one of them unknown", "strict", "no-referrer"),
    page("a meta element's word", "never", finds=("referrer-policy-legacy-keyword",)),
    page("a meta element's word and a policy", "always, no-referrer"),
    page(
        "the whole URL to other https sites",
        "no-referrer-when-downgrade",
        finds=("referrer-policy-leaks-url",),
    ),
    page("unknown", "strict", finds=("referrer-policy-unknown-value",)),
    page("empty", "", finds=("referrer-policy-unknown-value",)),
    in_page("in the page", "strict-origin"),
    in_page("in the page, by a word of meta elements", "never"),
    in_page("in the page, and known to no browser", "no-referrer, origin", ("referrer-policy-missing",)),
    in_page("in the page, and leaking", "unsafe-url", ("referrer-policy-leaks-url",)),
    in_page("the page's is the last word", "no-referrer", sent="unsafe-url"),
    in_page("to the worse, too", "always", ("referrer-policy-leaks-url",), sent="no-referrer"),
    Case("missing on JSON", (("Content-Type", "application/json"),)),
    Case("missing on a redirect", (("Location", "/"),), status=301),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("value", "policy"),
    [
        ("never", "no-referrer"),
        ("always", "strict-origin-when-cross-origin"),
        ("origin-when-crossorigin", "origin-when-cross-origin"),
        ('"same-origin"', "same-origin"),
        ("unsafe-url; no-referrer", "no-referrer"),
        ("strict", "strict-origin-when-cross-origin"),
        ("no-referrer, unsafe-url", "strict-origin-when-cross-origin"),
    ],
)
def test_the_line_has_the_policy_that_was_meant(value: str, policy: str) -> None:
    (finding,) = findings(CHECK, page("faulty", value))
    assert finding.fix == f"Referrer-Policy: {policy}"


def test_what_the_page_says_is_mended_in_the_page() -> None:
    (finding,) = findings(CHECK, in_page("leaking", "Unsafe-URL"))
    assert finding.evidence == "Unsafe-URL"
    assert "the page's <meta name=referrer>" in (finding.fix or "")
