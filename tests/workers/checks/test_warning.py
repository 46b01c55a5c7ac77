"""Warning (RFC 9111 section 5.5)."""

import pytest

from tests.workers.checks.cases import Case, found_ids
from workers.checks.warning import CHECK

CASES = (
    Case("none", ()),
    Case("stale", (("Warning", '110 cache.example "Response is Stale"'),), ("warning-obsolete",)),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds
