"""Policies that report to endpoints: the response has to define them."""

import pytest

from tests.workers.checks.cases import PAGE, Case, findings, found_ids
from workers.checks.report_endpoints import CHECK

OPENER = ("Cross-Origin-Opener-Policy-Report-Only", 'same-origin; report-to="main"')


CASES = (
    Case("none", (PAGE, ("Cross-Origin-Opener-Policy", "same-origin"))),
    Case("defined", (OPENER, ("Reporting-Endpoints", 'main="https://r.example/"'))),
    Case("defined as a group", (OPENER, ("Report-To", '{"group": "main", "max_age": 60, "endpoints": []}'))),
    Case("undefined", (OPENER,), ("report-endpoint-undefined",)),
    Case(
        "another", (OPENER, ("Reporting-Endpoints", 'b="https://r.example/"')), ("report-endpoint-undefined",)
    ),
    Case("endpoints that nobody can read", (OPENER, ("Reporting-Endpoints", "Main="))),
    Case("groups that nobody can read", (OPENER, ("Report-To", "{"))),
    Case(
        "a permissions policy's",
        (("Permissions-Policy", "camera=();report-to=main, usb=();report-to=main"),),
        ("report-endpoint-undefined",),
    ),
    Case(
        "an integrity policy's",
        (("Integrity-Policy", "blocked-destinations=(script), endpoints=(main)"),),
        ("report-endpoint-undefined",),
    ),
    Case("a policy that is malformed", (("Permissions-Policy", "camera=();report-to=main,"),)),
    Case("an opener policy that is malformed", (("Cross-Origin-Opener-Policy", 'x; report-to="main'),)),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


def test_the_finding_names_the_field_that_reports() -> None:
    (finding,) = findings(CHECK, Case("undefined", (OPENER,)))
    assert (finding.field, finding.evidence) == (OPENER[0], "main")
