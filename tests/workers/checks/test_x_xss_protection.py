"""X-XSS-Protection: a filter that is best off."""

import pytest

from tests.workers.checks.cases import PAGE, Case, found_ids
from workers.checks.x_xss_protection import CHECK


def sent(name: str, *values: str, finds: tuple[str, ...] = ()) -> Case:
    return Case(name, (PAGE, *(("X-XSS-Protection", value) for value in values)), finds)


CASES = (
    sent("none"),
    sent("off", "0"),
    sent("on", "1", finds=("xss-filter-rewrites-page",)),
    sent("on with reports", "1; report=https://a.example", finds=("xss-filter-rewrites-page",)),
    sent("blocking", "1; mode=block", finds=("xss-filter-obsolete",)),
    sent(
        "blocking, without the space and in capitals",
        "1;MODE = BLOCK;report=/x",
        finds=("xss-filter-obsolete",),
    ),
    sent("sent twice", "1; mode=block", "1; mode=block", finds=("xss-filter-obsolete",)),
    sent("words", "on", finds=("xss-filter-invalid",)),
    Case("an image", (("Content-Type", "image/png"), ("X-XSS-Protection", "1"))),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds
