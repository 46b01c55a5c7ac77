"""Content-Security-Policy: sandbox."""

import pytest

from tests.workers.checks.cases import PAGE, Case, findings, found_ids, response_of
from workers.checks.content_security_policy_sandbox import CHECK
from workers.model import Meta
from workers.registry import all_checks


def page(name: str, *policies: str, finds: tuple[str, ...] = (), url: str = "https://example.com/") -> Case:
    return Case(name, (PAGE, *(("Content-Security-Policy", policy) for policy in policies)), finds, url=url)


CASES = (
    page("no policy"),
    page("no sandbox", "img-src 'self'"),
    page("everything", "sandbox"),
    page("some things", "sandbox ALLOW-forms allow-scripts allow-popups-to-escape-sandbox"),
    page(
        "scripts of the site's own origin",
        "sandbox allow-scripts allow-same-origin",
        finds=("csp-sandbox-escape",),
    ),
    page("one of them in each policy", "sandbox allow-scripts", "sandbox allow-same-origin"),
    page("unheard of", "sandbox allow-anything", finds=("csp-sandbox-flag-unknown",)),
    page("misspelt", "sandbox allow-script", finds=("csp-sandbox-flag-unknown",)),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


def test_the_fix_is_what_was_meant() -> None:
    case = Case(
        "text", (("Content-Security-Policy", "sandbox allow-script allow-anything allow-forms"),), status=204
    )
    assert [finding.fix for finding in findings(CHECK, case)] == [
        "Content-Security-Policy: sandbox allow-scripts allow-forms"
    ]


def told(*policies: str) -> set[str]:
    """The findings about the field that all checks have on a page."""
    response = response_of(page("any", *policies))
    found = [finding for check in all_checks() for finding in check.run(response)]
    return {finding.id for finding in found if finding.field == "Content-Security-Policy"}


WEAK = (
    "script-src-elem 'nonce-abc' * data: blob: *.github.io www.google.com; trusted-types *; form-action *",
    "script-src 'unsafe-inline' 'unsafe-eval' localhost",
    "script-src 'strict-dynamic'",
    "default-src *; script-src 'unsafe-hashes' 'nonce-a' 'nonce-b'; style-src 'self'",
    "img-src *",
)


@pytest.mark.parametrize("weak", WEAK)
@pytest.mark.parametrize(
    "sandbox", ["sandbox", "sandbox allow-same-origin allow-popups", "SandBox Allow-Modals"]
)
def test_where_no_script_runs_none_is_said_to(sandbox: str, weak: str) -> None:
    assert told(weak) != set()
    assert told(f"{weak}; {sandbox}") == set()
    assert told(weak, sandbox) == set()
    assert told(weak, "sandbox allow-scripts allow-forms", sandbox) == set()


def test_express_s_strictest_page_has_nothing_to_mend() -> None:
    assert told("sandbox; default-src 'none'") == set()


def test_forms_that_are_sent_are_told() -> None:
    assert told("sandbox allow-forms allow-same-origin") == {"csp-form-action-missing"}
    assert told("sandbox allow-forms; form-action *") == {"csp-form-action-unrestricted"}


def test_a_sandbox_that_lets_scripts_run_stops_plugins_and_forms_alone() -> None:
    assert told("sandbox Allow-Scripts") == {"csp-scripts-unrestricted"}


def test_styles_and_links_are_not_stopped() -> None:
    assert told("sandbox; style-src 'nonce-a'; script-src 'nonce-b'; base-uri *") == {
        "csp-nonce-short",
        "csp-base-uri-unrestricted",
    }


def test_a_sandbox_for_reports_alone_stops_nothing() -> None:
    trial = ("Content-Security-Policy-Report-Only", "sandbox")
    case = Case("tried", (PAGE, ("Content-Security-Policy", "img-src *"), trial))
    assert "csp-scripts-unrestricted" in {
        finding.id for check in all_checks() for finding in check.run(response_of(case))
    }


def test_a_sandbox_in_the_page_stops_nothing() -> None:
    case = Case("in the page", (PAGE,), meta=Meta(("img-src *; sandbox",), None))
    assert "csp-scripts-unrestricted" in {
        finding.id for check in all_checks() for finding in check.run(response_of(case))
    }


def test_the_fix_leaves_what_a_sandbox_stops() -> None:
    case = page("misspelt", "sandbox allow-form; img-src *; script-src * 'unsafe-inline'")
    assert [finding.fix for finding in findings(CHECK, case)] == [
        "Content-Security-Policy: sandbox allow-forms; img-src *; script-src * 'unsafe-inline'"
    ]


def test_the_fix_mends_what_a_flag_that_was_meant_would_let_run() -> None:
    case = page("misspelt", "sandbox allow-script; script-src * 'unsafe-inline'")
    assert [finding.fix for finding in findings(CHECK, case)] == [
        "Content-Security-Policy: sandbox allow-scripts; script-src 'self'"
    ]
