"""Referrer-Policy, as the W3C has it."""

import pytest

from tests.workers.checks.cases import PAGE, Case, found_ids
from workers.checks.referrer_policy import CHECK


def page(name: str, *values: str, finds: tuple[str, ...] = ()) -> Case:
    return Case(name, (PAGE, *(("Referrer-Policy", value) for value in values)), finds)


CASES = (
    page("good", "strict-origin-when-cross-origin"),
    page("in capitals", "NO-REFERRER"),
    page("missing", finds=("referrer-policy-missing",)),
    page("the last known value counts", "unsafe-url, no-referrer, of-the-future"),
    page("the last of two lines counts", "no-referrer", "unsafe-url", finds=("referrer-policy-leaks-url",)),
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
