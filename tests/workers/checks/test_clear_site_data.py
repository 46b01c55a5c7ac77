"""Clear-Site-Data: quotes decide whether a log-out clears anything."""

import pytest

from tests.workers.checks.cases import PAGE, Case, findings, found_ids
from workers.checks.clear_site_data import CHECK


def sent(name: str, *values: str, finds: tuple[str, ...] = (), url: str = "https://example.com/") -> Case:
    return Case(name, (PAGE, *(("Clear-Site-Data", value) for value in values)), finds, url=url)


CASES = (
    sent("none"),
    sent("a log-out", '"cache", "cookies", "storage"'),
    sent("everything at a log-out", '"*"', url="https://example.com/account/logout"),
    sent("everything at a sign-off", '"*"', url="https://example.com/?do=sign-off"),
    sent("no quotes", "cookies", finds=("clear-site-data-unquoted",)),
    sent("no quotes, twice", "cache, cookies", finds=("clear-site-data-unquoted",)),
    sent("single quotes", "'cookies'", finds=("clear-site-data-unquoted",)),
    sent("a star without quotes", "*", finds=("clear-site-data-unquoted",)),
    sent("a misspelt type", '"cookie"', finds=("clear-site-data-type-unknown",)),
    sent("capitals", '"Cookies"', finds=("clear-site-data-type-unknown",)),
    sent("semicolons", '"cache"; "cookies"', finds=("clear-site-data-malformed",)),
    sent("over http", '"cookies"', finds=("clear-site-data-over-http",), url="http://example.com/logout"),
    sent("over http, at home", '"cookies"', url="http://localhost/"),
    sent("everything, on a page", '"*"', finds=("clear-site-data-everything",)),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("value", "fix"),
    [
        ("cache, 'cookie', \"gold\"", 'Clear-Site-Data: "cache", "cookies"'),
        ('"Cache"; "STORAGE"', 'Clear-Site-Data: "cache", "storage"'),
        ("gold", "Remove the field Clear-Site-Data"),
    ],
)  # fmt: skip
def test_one_fix_keeps_what_was_right(value: str, fix: str) -> None:
    assert {finding.fix for finding in findings(CHECK, sent("faulty", value))} == {fix}
