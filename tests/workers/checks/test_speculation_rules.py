"""Speculation-Rules: a list of quoted addresses."""

import pytest

from tests.workers.checks.cases import PAGE, Case, findings, found_ids
from workers.checks.speculation_rules import CHECK


def sent(name: str, *values: str, finds: tuple[str, ...] = (), url: str = "https://example.com/") -> Case:
    return Case(name, (PAGE, *(("Speculation-Rules", value) for value in values)), finds, url=url)


CASES = (
    sent("none"),
    sent("addresses", '"/rules.json", "https://cdn.example/rules.json"'),
    sent("no quotes", "/rules.json", finds=("speculation-rules-malformed",)),
    sent("a token that looks like an address", "https://a.example/r", finds=("speculation-rules-malformed",)),
    sent("plain http", '"http://a.example/r.json"', finds=("speculation-rules-insecure",)),
    sent("plain http from plain http", '"http://a.example/r.json"', url="http://a.example/"),
    Case("on a redirect", (("Location", "/"), ("Speculation-Rules", "/r")), status=302),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("value", "fix"),
    [
        ("/rules.json", 'Speculation-Rules: "/rules.json"'),
        ("http://a.example/r, '/b'", 'Speculation-Rules: "https://a.example/r", "/b"'),
        (",", "Remove the field Speculation-Rules"),
    ],
)  # fmt: skip
def test_one_fix_keeps_what_was_right(value: str, fix: str | None) -> None:
    assert {finding.fix for finding in findings(CHECK, sent("faulty", value))} == {fix}
