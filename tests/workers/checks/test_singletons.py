"""Fields sent more than once."""

import pytest

from tests.workers.checks.cases import Case, findings, found_ids
from workers.checks.singletons import CHECK

CASES = (
    Case("one server", (("Server", "nginx"),)),
    Case("two servers", (("Server", "nginx"), ("server", "Apache/2.4.1")), ("server-repeated",)),
    Case("one name", (("Content-Disposition", "inline"),)),
    Case("the same twice", (("Retry-After", "7"), ("Retry-After", "7"))),
    Case("two times", (("Retry-After", "7"), ("Retry-After", "9")), ("singleton-repeated",)),
    Case("two places", (("Content-Location", "/a"), ("Content-Location", "/b")), ("singleton-repeated",)),
    Case("a list", (("Via", "1.1 a"), ("Via", "1.1 b"))),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("case", "fix"), [(CASES[1], "Server: nginx"), (CASES[4], "Retry-After: 7")], ids=str
)
def test_the_first_stays(case: Case, fix: str) -> None:
    assert [finding.fix for finding in findings(CHECK, case)] == [fix]
