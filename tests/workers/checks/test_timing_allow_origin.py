"""Timing-Allow-Origin: who may see how long a response took."""

import pytest

from tests.workers.checks.cases import PAGE, Case, findings, found_ids
from workers.checks.timing_allow_origin import CHECK

CASES = (
    Case("none", (PAGE,)),
    Case("an image for all", (("Content-Type", "image/png"), ("Timing-Allow-Origin", "*"))),
    Case("a page for all", (PAGE, ("Timing-Allow-Origin", "*")), ("timing-allowed-to-all",)),
    Case("a redirect for all", (("Location", "/"), PAGE, ("Timing-Allow-Origin", "*")), status=302),
    Case("some origins", (PAGE, ("Timing-Allow-Origin", "https://a.example, null, https://b.example:8443"))),
    Case(
        "an origin with a slash",
        (("Timing-Allow-Origin", "https://a.example/"),),
        ("timing-allow-origin-invalid",),
    ),
    Case(
        "an origin, a pattern and all",
        (PAGE, ("Timing-Allow-Origin", "https://a.example, *.b.example"), ("Timing-Allow-Origin", "*")),
        ("timing-allow-origin-invalid", "timing-allowed-to-all"),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


def test_the_origins_that_are_right_stay() -> None:
    case = Case("mixed", (PAGE, ("Timing-Allow-Origin", "https://a.example, b.example, *")))
    assert {finding.fix for finding in findings(CHECK, case)} == {"Timing-Allow-Origin: https://a.example"}
