"""X-Content-Type-Options, as WHATWG Fetch and web-platform-tests have it."""

import pytest

from tests.workers.checks.cases import Case, found_ids
from workers.checks.x_content_type_options import CHECK


def sent(
    name: str, *values: str, finds: tuple[str, ...] = (), type_: str = "text/html", status: int = 200
) -> Case:
    fields = tuple(("X-Content-Type-Options", value) for value in values)
    return Case(name, (("Content-Type", type_), *fields), finds, status=status)


MISSING, INVALID = ("content-type-options-missing",), ("content-type-options-invalid",)
CASES = (
    sent("good", "nosniff"),
    sent("in capitals", "NOSNIFF"),
    sent("repeated", "nosniff", "nosniff"),
    sent("first of a list", "nosniff,,@#$#%%&^&^*()()11!"),
    sent("first of two", "nosniff", "no"),
    sent("a form feed after it", "nosniff\x0c"),
    sent("a vertical tab after it", "nosniff\x0b", finds=INVALID),
    sent("second of two", "no", "nosniff", finds=INVALID),
    sent("second of a list", ",nosniff", finds=INVALID),
    sent("after an empty one", "", "nosniff", finds=INVALID),
    sent("quoted", '"nosniff"', finds=INVALID),
    sent("missing", finds=MISSING),
    sent("missing on JSON", finds=MISSING, type_="application/json"),
    sent("missing on an image", type_="image/png"),
    sent("missing without content", status=204),
    Case("missing on a redirect", (("Location", "/"),), status=308),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds
