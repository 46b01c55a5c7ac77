"""X-Permitted-Cross-Domain-Policies: whose policy files Acrobat obeys."""

import pytest

from tests.workers.checks.cases import Case, found_ids
from workers.checks.x_permitted_cross_domain_policies import CHECK

FIELD = "X-Permitted-Cross-Domain-Policies"


def sent(name: str, *values: str, finds: tuple[str, ...] = ()) -> Case:
    return Case(name, tuple((FIELD, value) for value in values), finds)


CASES = (
    sent("none"),
    sent("no policy", "none"),
    sent("the host's own", "Master-Only"),
    sent("all", "all", finds=("cross-domain-policies-all",)),
    sent("all the same", "none", "ALL", finds=("cross-domain-policies-all",)),
    sent("a word of its own", "deny", finds=("cross-domain-policies-invalid",)),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds
