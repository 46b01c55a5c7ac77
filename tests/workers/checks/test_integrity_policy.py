"""Integrity-Policy: destinations that can be blocked, and trials that are heard."""

import pytest

from tests.workers.checks.cases import PAGE, Case, findings, found_ids
from workers.checks.integrity_policy import CHECK

FIELD = "Integrity-Policy"


def sent(name: str, *values: str, finds: tuple[str, ...] = (), url: str = "https://example.com/") -> Case:
    return Case(name, (PAGE, *(("Integrity-Policy", value) for value in values)), finds, url=url)


CASES = (
    sent("none"),
    sent("scripts", "blocked-destinations=(script)"),
    sent("both", "blocked-destinations=(script style), sources=(inline), endpoints=(main)"),
    sent("no list", "blocked-destinations=script", finds=("integrity-policy-blocks-nothing",)),
    sent("nothing", "endpoints=(main)", finds=("integrity-policy-blocks-nothing",)),
    sent("strings", 'blocked-destinations=("script")', finds=("integrity-policy-blocks-nothing",)),
    sent("images", "blocked-destinations=(image)", finds=("integrity-policy-blocks-nothing",)),
    sent(
        "a source", "blocked-destinations=(script), sources=(x)", finds=("integrity-policy-without-source",)
    ),
    sent("the old syntax", "blocked-destinations script", finds=("integrity-policy-malformed",)),
    Case("a trial", ((f"{FIELD}-Report-Only", "blocked-destinations=(script), endpoints=(main)"),)),
    Case(
        "a trial that nobody hears of",
        ((f"{FIELD}-Report-Only", "blocked-destinations=(script)"),),
        ("integrity-policy-trial-without-endpoint",),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("value", "fix"),
    [
        ("blocked-destinations: style", "Integrity-Policy: blocked-destinations=(style)"),
        ("sources=(x), endpoints=(r)", "Integrity-Policy: blocked-destinations=(script), endpoints=(r)"),
    ],
)  # fmt: skip
def test_one_fix_keeps_what_was_right(value: str, fix: str | None) -> None:
    assert {finding.fix for finding in findings(CHECK, sent("faulty", value))} == {fix}
