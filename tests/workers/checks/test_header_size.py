"""The size of the head."""

import pytest

from tests.workers.checks.cases import Case, findings, found_ids
from workers.checks.header_size import CHECK

CASES = (
    Case("none", ()),
    Case("small", (("A", "1"),) * 100),
    Case("of 8 KiB", (("A", "x" * 4_089), ("B", "x" * 4_093))),
    Case("larger", (("A", "x" * 4_096), ("B", "x" * 4_096)), ("head-large",)),
    Case("much larger", (("A", "x" * 6_000),) * 3, ("head-very-large",)),
    Case("one field", (("Set-Cookie", "x" * 9_000),), ("head-large", "field-large")),
    Case("many", (("A", "1"),) * 101, ("fields-many",)),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


def test_the_largest_field_is_named() -> None:
    case = Case("one field", (("A", "1"), ("Set-Cookie", "x" * 9_000)))
    assert [(finding.field, finding.message) for finding in findings(CHECK, case)] == [
        ("head", "The head has 9020 bytes; the largest field is Set-Cookie, with 9014."),
        ("Set-Cookie", "One Set-Cookie has 9014 bytes."),
    ]
