"""Content-Security-Policy under its old names."""

import pytest

from tests.workers.checks.cases import PAGE, Case, found_ids
from workers.checks.content_security_policy_legacy import CHECK

CASES = (
    Case("today's name", (PAGE, ("Content-Security-Policy", "default-src 'self'"))),
    Case(
        "Firefox's",
        (PAGE, ("X-Content-Security-Policy", "default-src 'self'")),
        ("x-content-security-policy-obsolete",),
    ),
    Case("WebKit's", (PAGE, ("x-webkit-csp", "default-src 'self'")), ("x-webkit-csp-obsolete",)),
    Case(
        "both, for reports",
        (
            PAGE,
            ("X-Content-Security-Policy-Report-Only", "default-src 'self'"),
            ("X-WebKit-CSP-Report-Only", "default-src 'self'"),
        ),
        ("x-content-security-policy-report-only-obsolete", "x-webkit-csp-report-only-obsolete"),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds
