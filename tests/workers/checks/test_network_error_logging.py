"""NEL: policies that browsers take, and groups that are there."""

import pytest

from tests.workers.checks.cases import PAGE, Case, findings, found_ids
from workers.checks.network_error_logging import CHECK

GROUP = ("Report-To", '{"group": "nel", "max_age": 86400, "endpoints": [{"url": "https://r.example/"}]}')


def sent(name: str, value: str = "", finds: tuple[str, ...] = (), url: str = "https://example.com/") -> Case:
    fields = (PAGE, GROUP) if name == "none" else (PAGE, GROUP, ("NEL", value))
    return Case(name, fields, finds, url=url)


CASES = (
    sent("none"),
    sent("good", '{"report_to": "nel", "max_age": 86400, "success_fraction": 0, "failure_fraction": 0.5}'),
    sent("taken back", '{"max_age": 0}'),
    sent("no JSON", "{report_to: nel}", finds=("nel-malformed",)),
    sent("empty", "", finds=("nel-malformed",)),
    sent("no max_age", '{"report_to": "nel"}', finds=("nel-max-age-invalid",)),
    sent("a max_age in words", '{"report_to": "nel", "max_age": "1d"}', finds=("nel-max-age-invalid",)),
    sent("no group", '{"max_age": 60}', finds=("nel-group-missing",)),
    sent("another group", '{"report_to": "x", "max_age": 60}', finds=("nel-group-undefined",)),
    sent("no text", r'{"report_to": "\ud800", "max_age": 60}', finds=("nel-group-undefined",)),
    sent(
        "a fraction in per cent",
        '{"report_to": "nel", "max_age": 60, "success_fraction": 50}',
        finds=("nel-fraction-invalid",),
    ),
    sent(
        "over http",
        '{"report_to": "nel", "max_age": 60}',
        finds=("nel-over-http",),
        url="http://example.com/",
    ),
    Case(
        "no groups at all",
        (("NEL", '{"report_to": "nel", "max_age": 60}'),),
        ("nel-group-undefined",),
    ),
    Case("groups that nobody can read", (("NEL", '{"report_to": "nel", "max_age": 60}'), ("Report-To", "{"))),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("value", "fix"),
    [
        ('{"report_to": "x"}', 'NEL: {"report_to": "nel", "max_age": 2592000}'),
        (
            '{"max_age": 60, "success_fraction": 2, "failure_fraction": 1}',
            'NEL: {"max_age": 60, "failure_fraction": 1, "report_to": "nel"}',
        ),
        ("[]", "Remove the field NEL"),
    ],
)  # fmt: skip
def test_one_fix_keeps_what_was_right(value: str, fix: str) -> None:
    assert {finding.fix for finding in findings(CHECK, sent("faulty", value))} == {fix}
