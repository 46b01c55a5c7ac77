"""Content-Security-Policy: sandbox."""

import pytest

from tests.workers.checks.cases import PAGE, Case, findings, found_ids
from workers.checks.content_security_policy_sandbox import CHECK


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
