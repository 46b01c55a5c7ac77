"""Cross-Origin-Resource-Policy, as WHATWG Fetch has it."""

import pytest

from tests.workers.checks.cases import Case, found_ids
from workers.checks.cross_origin_resource_policy import CHECK


def sent(name: str, *values: str, finds: tuple[str, ...] = ()) -> Case:
    return Case(name, tuple(("Cross-Origin-Resource-Policy", value) for value in values), finds)


INVALID = ("resource-policy-invalid",)
CASES = (
    sent("missing"),
    sent("same origin", "same-origin"),
    sent("same site", "same-site"),
    sent("anyone", "cross-origin"),
    sent("a capital", "Same-Origin", finds=INVALID),
    sent("two values", "same-site, same-origin", finds=INVALID),
    sent("twice", "same-origin", "same-origin", finds=INVALID),
    sent("unknown", "none", finds=INVALID),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds
