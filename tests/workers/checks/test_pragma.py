"""Pragma in responses (RFC 9111 section 5.4)."""

import pytest

from tests.workers.checks.cases import PAGE, Case, findings, found_ids
from workers.checks.pragma import CHECK

NO_CACHE = ("Pragma", "no-cache")
CASES = (
    Case("none", (PAGE,)),
    Case("alone", (PAGE, NO_CACHE), ("pragma-without-cache-control",)),
    Case("alone in capitals", (PAGE, ("Pragma", "No-Cache")), ("pragma-without-cache-control",)),
    Case("beside Cache-Control", (PAGE, NO_CACHE, ("Cache-Control", "no-cache")), ("pragma-superfluous",)),
    Case("what nobody knows", (PAGE, ("Pragma", "public")), ("pragma-superfluous",)),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


def test_what_it_asked_for_is_said_by_cache_control() -> None:
    assert [finding.fix for finding in findings(CHECK, CASES[1])] == ["Cache-Control: no-cache"]
