"""Content-Security-Policy: whether there is one, and what it covers."""

import pytest

from tests.workers.checks.cases import PAGE, Case, findings, found_ids
from workers.checks.content_security_policy import CHECK
from workers.syntax.head import Field

GOOD = "default-src 'self'; base-uri 'none'; frame-ancestors 'none'"


def page(
    name: str, *policies: str, finds: tuple[str, ...] = (), status: int = 200, more: tuple[Field, ...] = ()
) -> Case:
    sent = tuple(("Content-Security-Policy", policy) for policy in policies)
    return Case(name, (PAGE, *sent, *more), finds, status=status)


CASES = (
    page("good", GOOD),
    page("missing", finds=("csp-missing",)),
    page("missing on an error page", finds=("csp-missing",), status=404),
    page("missing on a redirect", status=301, more=(("Location", "/"),)),
    page("missing on a redirect to nowhere", finds=("csp-missing",), status=302),
    page("not modified", status=304),
    Case("missing on JSON", (("Content-Type", "application/json"),)),
    page("empty", " ; ", finds=("csp-empty",)),
    page(
        "reported only",
        finds=("csp-report-only-alone",),
        more=(("Content-Security-Policy-Report-Only", "default-src 'self'; report-uri /r"),),
    ),
    page(
        "reported beside enforced",
        GOOD,
        more=(("Content-Security-Policy-Report-Only", "default-src 'none'"),),
    ),
    page("objects anywhere", "script-src 'self'", finds=("csp-objects-unrestricted",)),
    page(
        "objects by default anywhere", "default-src *; script-src 'self'", finds=("csp-objects-unrestricted",)
    ),
    page("objects restricted by the second policy", "script-src 'self'", "object-src 'none'"),
    page("objects restricted after a comma", "script-src 'self', object-src 'none'"),
    page("nonces without base-uri", "default-src 'self' 'nonce-abc'", finds=("csp-base-uri-missing",)),
    page("nonces with base-uri in the second policy", "default-src 'self' 'nonce-abc'", "base-uri 'self'"),
    page("host sources without base-uri", "default-src 'self'"),
    page(
        "framing left to X-Frame-Options",
        "default-src 'self'",
        finds=("csp-frame-ancestors-missing",),
        more=(("X-Frame-Options", "DENY"),),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


def test_the_fix_enforces_what_was_reported() -> None:
    reported = page("reported", more=(("Content-Security-Policy-Report-Only", "default-src 'self'"),))
    assert [finding.fix for finding in findings(CHECK, reported)] == [
        "Content-Security-Policy: default-src 'self'"
    ]


def test_a_policy_too_long_to_paste_gets_the_general_fix() -> None:
    long = page("long", "script-src " + " ".join(f"host{n}.example" for n in range(1_000)))
    assert [finding.fix for finding in findings(CHECK, long)] == ["Add object-src 'none' to the policy"]
