"""Server-Timing: metrics that browsers can read, and that tell nothing of the inside."""

import pytest

from tests.workers.checks.cases import PAGE, Case, findings, found_ids
from workers.checks.server_timing import CHECK


def sent(name: str, *values: str, finds: tuple[str, ...] = (), url: str = "https://example.com/") -> Case:
    return Case(name, (PAGE, *(("Server-Timing", value) for value in values)), finds, url=url)


CASES = (
    sent("none"),
    sent("a cache", "cdn-cache; desc=HIT, edge; dur=1"),
    sent("everything", 'total;dur=12.5;desc="all of it", miss'),
    sent("a database", "app;dur=3, db;dur=53", finds=("server-timing-discloses-internals",)),
    sent("a part of a name", "sql-lookup;dur=5", finds=("server-timing-discloses-internals",)),
    sent("a host", 'app;desc="web3.corp";dur=1', finds=("server-timing-discloses-internals",)),
    sent("an address", 'app;desc="10.1.2.3"', finds=("server-timing-discloses-internals",)),
    sent("a version that looks like an address", 'app;desc="110.1.2.3"'),
    sent("a word that only begins so", "dbx;dur=1, sequel"),
    sent("spaces in a name", "my app;dur=1", finds=("server-timing-malformed",)),
    sent("an open quote", 'app;desc="x', finds=("server-timing-malformed",)),
    sent("a unit", "app;dur=12ms", finds=("server-timing-duration-invalid",)),
    sent("two fields", "app;dur=1", "redis;dur=1", finds=("server-timing-discloses-internals",)),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("value", "fix"),
    [
        (r'app;desc="a \"b\"";dur=1, db, =, web;dur=3s', r'Server-Timing: app;dur=1;desc="a \"b\"", web'),
        ("mysql;dur=1", "Remove the field Server-Timing"),
    ],
)  # fmt: skip
def test_one_fix_keeps_what_was_right(value: str, fix: str) -> None:
    assert {finding.fix for finding in findings(CHECK, sent("faulty", value))} == {fix}
