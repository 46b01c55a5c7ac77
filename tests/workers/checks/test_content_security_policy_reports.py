"""Content-Security-Policy: where it reports."""

import pytest

from tests.workers.checks.cases import PAGE, Case, findings, found_ids
from workers.checks.content_security_policy_reports import CHECK
from workers.syntax.head import Field

CSP, TRIAL = "Content-Security-Policy", "Content-Security-Policy-Report-Only"
UNDEFINED, TO_ALONE, URI_ALONE = "csp-report-to-undefined", "csp-report-to-alone", "csp-report-uri-alone"
ENDPOINT = ("Reporting-Endpoints", 'csp="https://r.example/"')
BOTH = "report-uri https://r.example/; report-to csp"


def page(name: str, *fields: Field, finds: tuple[str, ...] = (), url: str = "https://example.com/") -> Case:
    return Case(name, (PAGE, *fields), finds, url=url)


CASES = (
    page("no policy"),
    page("no reports", (CSP, "img-src 'self'")),
    page("both", (CSP, BOTH), ENDPOINT),
    page("an endpoint among others", (CSP, BOTH), ("Reporting-Endpoints", 'a="/a", csp="/b"')),
    page("a group", (CSP, BOTH), ("Report-To", '{"group":"csp","max_age":1,"endpoints":[{"url":"/r"}]}')),
    page("endpoints that cannot be read", (CSP, BOTH), ("Reporting-Endpoints", "csp=(")),
    page("nobody", (CSP, BOTH), finds=(UNDEFINED,)),
    page("somebody else", (CSP, BOTH), ("Reporting-Endpoints", 'csp2="/r"'), finds=(UNDEFINED,)),
    page("report-to alone", (CSP, "report-to csp"), ENDPOINT, finds=(TO_ALONE,)),
    page("report-uri alone", (CSP, "report-uri /r"), finds=(URI_ALONE,)),
    page("report-to of nothing", (CSP, "report-to; report-uri /r")),
    page(
        "plain http",
        (CSP, "report-uri http://r.example/; report-to csp"),
        ENDPOINT,
        finds=("csp-reports-over-http",),
    ),
    page("plain http of a plain page", (CSP, BOTH.replace("s:", ":")), ENDPOINT, url="http://example.com/"),
    page("a trial", (TRIAL, f"default-src 'self'; {BOTH}"), ENDPOINT),
    page("a trial unheard", (TRIAL, "img-src 'self'"), finds=("csp-report-only-without-destination",)),
    page(
        "a trial of what has no trial",
        (TRIAL, f"sandbox; upgrade-insecure-requests; {BOTH}"),
        ENDPOINT,
        finds=("csp-report-only-ignores",),
    ),
    page("a trial of framing", (TRIAL, f"frame-ancestors 'self'; {BOTH}"), ENDPOINT),
    page(
        "a trial over plain http",
        (TRIAL, "report-uri http://r.example/; report-to csp"),
        ENDPOINT,
        finds=("csp-report-only-over-http",),
    ),
    page("a trial to nobody", (TRIAL, BOTH), finds=(UNDEFINED,)),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


def test_the_fix_of_a_trial_keeps_what_it_reports() -> None:
    case = page(
        "trial", (TRIAL, "sandbox; img-src 'self'; report-uri http://r.example/ /r; report-to csp"), ENDPOINT
    )
    assert {finding.fix for finding in findings(CHECK, case)} == {
        f"{TRIAL}: img-src 'self'; report-uri https://r.example/ /r; report-to csp"
    }


def test_a_trial_of_nothing_is_removed() -> None:
    fixes = [finding.fix for finding in findings(CHECK, page("trial", (TRIAL, "sandbox allow-scripts")))]
    assert fixes[-1] == f"Remove the field {TRIAL}"


def test_a_finding_names_the_field_that_it_is_about() -> None:
    (finding,) = findings(CHECK, page("trial", (TRIAL, BOTH)))
    assert finding.field == TRIAL
