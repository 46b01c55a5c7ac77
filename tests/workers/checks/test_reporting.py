"""Reporting-Endpoints and Report-To: addresses that browsers take."""

import pytest

from tests.workers.checks.cases import PAGE, Case, findings, found_ids
from workers.checks.reporting import CHECK
from workers.syntax.head import Field

GROUP = '{"group": "main", "max_age": 86400, "endpoints": [{"url": "https://r.example/"}]}'


def sent(name: str, *values: str, finds: tuple[str, ...] = (), url: str = "https://example.com/") -> Case:
    return Case(name, (PAGE, *(("Reporting-Endpoints", value) for value in values)), finds, url=url)


def old(name: str, value: str, finds: tuple[str, ...] = (), more: tuple[Field, ...] = ()) -> Case:
    return Case(name, (PAGE, ("Report-To", value), *more), finds)


CASES = (
    sent("none"),
    sent("endpoints", 'default="https://r.example/all", main="/reports"'),
    sent("an address at home", 'main="http://localhost:9000/"'),
    sent("no dictionary", 'Main="https://r.example/"', finds=("reporting-endpoints-malformed",)),
    sent("no quotes", "main=https://r.example/", finds=("reporting-endpoint-invalid",)),
    sent("no address", 'main="mailto:a@b.example"', finds=("reporting-endpoint-invalid",)),
    sent("a name alone", "main", finds=("reporting-endpoint-invalid",)),
    sent("plain http", 'main="http://r.example/"', finds=("reporting-endpoint-insecure",)),
    sent("over http", 'main="/r"', finds=("reporting-endpoints-over-http",), url="http://example.com/"),
    old("groups alone", GROUP, finds=("report-to-replaced",)),
    old("groups and endpoints", GROUP, more=(("Reporting-Endpoints", 'main="https://r.example/"'),)),
    old("groups for network errors", GROUP, more=(("NEL", '{"report_to":"main","max_age":1}'),)),
    old("a group taken back", '{"group": "main", "max_age": 0}', more=(("NEL", '{"max_age":0}'),)),
    old("a group taken back, and nothing else", '{"max_age": 0}'),
    old("no JSON", "{'group': 'main'}", finds=("report-to-malformed",)),
    old("no objects", '"main"', finds=("report-to-malformed",)),
    old("what JSON does not have", '{"max_age": NaN}', finds=("report-to-malformed",)),
    old("no max_age", '{"endpoints": [{"url": "https://r.example/"}]}', finds=("report-to-group-invalid",)),
    old("no endpoints", '{"group": "main", "max_age": 60}', finds=("report-to-group-invalid",)),
    old("nested without end", "[" * 2_000, finds=("report-to-malformed",)),
    old("a name that is no text", r'{"group": "\ud800", "max_age": 60}', finds=("report-to-group-invalid",)),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("value", "fix"),
    [
        ('Main="https://r.example/", b=//, ', 'Reporting-Endpoints: main="https://r.example/", b="//"'),
        ('a=https://a.example/, b="http://b.c/x", c', 'Reporting-Endpoints: a="https://a.example/", b="https://b.c/x"'),
        ("main", "Remove the field Reporting-Endpoints"),
    ],
)  # fmt: skip
def test_one_fix_keeps_what_was_right(value: str, fix: str) -> None:
    assert {finding.fix for finding in findings(CHECK, sent("faulty", value))} == {fix}


@pytest.mark.parametrize(
    ("value", "fix"),
    [
        (GROUP, 'Reporting-Endpoints: main="https://r.example/"'),
        (
            '{"endpoints": [{"url": "http://r.example/", "priority": 1}], "max_age": 60}',
            'Report-To: {"endpoints": [{"url": "https://r.example/", "priority": 1}], "max_age": 60}',
        ),
        (
            GROUP + ', {"group": "b"}, {"group": "c", "endpoints": [{"url": "/c"}], "max_age": "1d"}',
            f'Report-To: {GROUP}, {{"group": "c", "endpoints": [{{"url": "/c"}}], "max_age": 2592000}}',
        ),
    ],
)  # fmt: skip
def test_groups_keep_what_was_right(value: str, fix: str) -> None:
    assert {finding.fix for finding in findings(CHECK, old("faulty", value))} == {fix}


def test_a_finding_can_be_written_whatever_json_held() -> None:
    for finding in findings(CHECK, old("no text", r'{"group": "\ud800", "max_age": 60}')):
        assert f"{finding.message}{finding.evidence}{finding.fix}".encode()
