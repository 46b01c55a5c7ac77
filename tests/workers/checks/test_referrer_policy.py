"""Referrer-Policy, as the W3C has it."""

import pytest

from tests.workers.checks.cases import PAGE, Case, findings, found_ids
from workers.checks.referrer_policy import CHECK


def page(name: str, *values: str, finds: tuple[str, ...] = ()) -> Case:
    return Case(name, (PAGE, *(("Referrer-Policy", value) for value in values)), finds)


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
