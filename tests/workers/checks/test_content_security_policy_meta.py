"""Content-Security-Policy in the page: it is a policy, and cannot do all that one in the header can."""

import pytest

from tests.workers.checks.cases import PAGE, Case, findings, found_ids
from workers.checks.content_security_policy import CHECK as WHOLE
from workers.checks.content_security_policy_meta import CHECK
from workers.checks.content_security_policy_reports import CHECK as REPORTS
from workers.checks.content_security_policy_scripts import CHECK as SCRIPTS
from workers.checks.content_security_policy_syntax import CHECK as SYNTAX
from workers.checks.x_frame_options import CHECK as FRAMING
from workers.model import Meta

CSP = "Content-Security-Policy"
GOOD = "default-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'"
ALONE, IGNORED = "csp-in-meta-alone", "csp-meta-directive-ignored"


def page(name: str, *policies: str, finds: tuple[str, ...] = (), sent: tuple[str, ...] = ()) -> Case:
    fields = (PAGE, *((CSP, value) for value in sent))
    return Case(name, fields, finds, meta=Meta(policies, None))


CASES = (
    page("alone", GOOD, finds=(ALONE,)),
    page("with a word for the header", f"{GOOD}; Frame-Ancestors 'none'", finds=(ALONE, IGNORED)),
    page(
        "with all three",
        "img-src *; report-uri /r; sandbox; frame-ancestors *",
        finds=(ALONE, *[IGNORED] * 3),
    ),
    page("of words for the header alone", "sandbox allow-scripts", finds=(IGNORED,)),
    page("beside a header", GOOD, sent=(GOOD,)),
    page("beside a header that lacks a word", f"{GOOD}; sandbox", sent=(GOOD,), finds=(IGNORED,)),
    page("beside a header that has the word", f"{GOOD}; sandbox", sent=("sandbox",)),
    page("beside a header without a policy", GOOD, sent=(";",), finds=(ALONE,)),
    page("without a directive", " ; "),
    page("beyond ASCII", "img-src \u4f8b.example"),
    Case("no policy", (PAGE,), meta=Meta((), "no-referrer")),
    Case("of no page", (("Content-Type", "application/json"),), meta=Meta((GOOD,), None)),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


def test_the_line_is_the_page_s_policy_whole() -> None:
    found = findings(CHECK, page("alone", f"{GOOD}; frame-ancestors 'none'"))
    assert [finding.fix for finding in found] == [
        f"{CSP}: {GOOD}; frame-ancestors 'none'",
        f"Send the directive in the header {CSP}",
    ]
    assert found[1].evidence == "frame-ancestors 'none'"


def test_a_policy_of_the_page_is_not_missing() -> None:
    assert found_ids(WHOLE, page("alone", GOOD)) == ()


@pytest.mark.parametrize("policy", ["sandbox", "report-uri /r; frame-ancestors 'self'", "", "\xe9"])
def test_what_no_browser_enforces_is_no_policy(policy: str) -> None:
    assert found_ids(WHOLE, page("none in force", policy)) == ("csp-missing",)


def test_a_trial_beside_the_page_s_policy_is_not_alone() -> None:
    trial = (f"{CSP}-Report-Only", "default-src 'self'")
    case = Case("with a trial", (PAGE, trial), meta=Meta((GOOD,), None))
    assert found_ids(WHOLE, case) == ()


def test_a_policy_of_the_page_is_judged_as_a_header_s() -> None:
    weak = page("weak", "default-src *; script-src 'unsafe-inline' https:")
    sent = Case("weak", (PAGE, (CSP, "default-src *; script-src 'unsafe-inline' https:")))
    for check in (WHOLE, SCRIPTS, SYNTAX):
        assert findings(check, weak) == findings(check, sent)
    assert "csp-scripts-unsafe-inline" in found_ids(SCRIPTS, weak)


def test_policies_of_header_and_page_are_not_mixed() -> None:
    assert found_ids(SCRIPTS, page("strict header", "script-src *", sent=(GOOD,))) == ()


def test_a_comma_is_no_end_of_the_page_s_policy() -> None:
    assert "csp-scripts-unrestricted" in found_ids(
        SCRIPTS, page("comma", "img-src a.example, script-src b.example")
    )


def test_framing_is_not_restricted_from_within_the_page() -> None:
    assert found_ids(FRAMING, page("framing", "frame-ancestors 'none'")) == ("framing-unrestricted",)


def test_reports_that_the_page_asks_for_are_none() -> None:
    assert found_ids(REPORTS, page("reports", f"{GOOD}; report-uri http://a.example/")) == ()
