"""X-Robots-Tag: words that search engines heed."""

import pytest

from tests.workers.checks.cases import PAGE, Case, findings, found_ids
from workers.checks.x_robots_tag import CHECK


def sent(name: str, *values: str, finds: tuple[str, ...] = (), url: str = "https://example.com/") -> Case:
    return Case(name, (PAGE, *(("X-Robots-Tag", value) for value in values)), finds, url=url)


CASES = (
    sent("none"),
    sent("words", "noindex, NoFollow", "max-snippet:-1, max-image-preview:large"),
    sent("for one robot", "googlebot: noindex, nofollow"),
    sent("until a date with commas", "noarchive, unavailable_after: Sat, 25 Jun 2033 15:00:00 GMT"),
    sent("a date alone", "unavailable_after: 25-Jun-2033 15:00:00 EST"),
    sent("empty", ""),
    sent("a word that nobody heeds", "no-index", finds=("robots-directive-unknown",)),
    sent("an amount that is none", "max-snippet:many", finds=("robots-directive-unknown",)),
    sent("a robot's unknown word", "bingbot: hide", finds=("robots-directive-unknown",)),
    sent("opposites", "index, follow", "noindex", finds=("robots-directives-conflicting",)),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("value", "fix"),
    [
        ("no-index, nofollow", "X-Robots-Tag: nofollow"),
        ("index, noindex, max-snippet:5", "X-Robots-Tag: noindex, max-snippet:5"),
        ("bingbot: hide", None),
        ("hide", None),
    ],
)  # fmt: skip
def test_one_fix_keeps_what_was_right(value: str, fix: str | None) -> None:
    assert {finding.fix for finding in findings(CHECK, sent("faulty", value))} == {fix}
