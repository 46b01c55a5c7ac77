"""Age (RFC 9111 section 5.1)."""

import pytest

from tests.workers.checks.cases import Case, found_ids
from workers.checks.age import CHECK


def sent(name: str, *ages: str, control: str = "", finds: tuple[str, ...] = ()) -> Case:
    return Case(name, (("Cache-Control", control), *(("Age", age) for age in ages)), finds)


MALFORMED, BEYOND = ("age-malformed",), ("age-beyond-freshness",)
CASES = (
    sent("none"),
    sent("young", "5", control="max-age=60"),
    sent("just fresh", "60", control="max-age=60"),
    sent("older than fresh", "61", control="max-age=60", finds=BEYOND),
    sent("fresh for shared caches", "61", control="max-age=60, s-maxage=600"),
    sent("stale while it is asked for", "70", control="max-age=60, stale-while-revalidate=30"),
    sent("old, and never fresh for others", "500", control="max-age=0"),
    sent("old, and nothing said", "500"),
    sent("negative", "-1", finds=MALFORMED),
    sent("a word", "old", finds=MALFORMED),
    sent("empty", "", finds=MALFORMED),
    sent("two", "5", "6", finds=("age-repeated",)),
    sent("two in a line", "5, 6", finds=("age-repeated",)),
    sent("too great to tell", "9" * 5_000, control="max-age=60", finds=BEYOND),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds
