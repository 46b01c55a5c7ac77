"""Content-Security-Policy: whether there is one, and what it covers."""

import pytest

from tests.workers.checks.cases import PAGE, Case, findings, found_ids
from workers.checks.content_security_policy import CHECK
from workers.syntax.head import Field

GOOD = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
FORMS = "; form-action 'self'"


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
    page("objects anywhere", f"script-src 'self'{FORMS}", finds=("csp-objects-unrestricted",)),
    page(
        "objects by default anywhere",
        f"default-src *; script-src 'self'{FORMS}",
        finds=("csp-objects-unrestricted",),
    ),
    page(
        "objects from any host by another spelling",
        f"script-src 'self'; object-src https://*:443{FORMS}",
        finds=("csp-objects-unrestricted",),
    ),
    page(
        "objects written in the address",
        f"default-src 'self' data:{FORMS}",
        finds=("csp-objects-unrestricted",),
    ),
    page("objects restricted by the second policy", f"script-src 'self'{FORMS}", "object-src 'none'"),
    page("objects restricted after a comma", f"script-src 'self'{FORMS}, object-src 'none'"),
    page(
        "nonces without base-uri", f"default-src 'self' 'nonce-abc'{FORMS}", finds=("csp-base-uri-missing",)
    ),
    page(
        "nonces with base-uri in the second policy",
        f"default-src 'self' 'nonce-abc'{FORMS}",
        "base-uri 'self'",
    ),
    page("host sources without base-uri", f"default-src 'self'{FORMS}"),
    page("any base", f"default-src 'self'; base-uri *{FORMS}", finds=("csp-base-uri-unrestricted",)),
    page("any base in one of two policies", f"default-src 'self'; base-uri https:{FORMS}", "base-uri 'self'"),
    page("forms", "default-src 'self'", finds=("csp-form-action-missing",)),
    page(
        "forms to anybody",
        "default-src 'self'; form-action 'self' https:",
        finds=("csp-form-action-unrestricted",),
    ),
    page(
        "frames of anybody",
        f"default-src 'self'; frame-ancestors *{FORMS}",
        finds=("csp-frame-ancestors-unrestricted",),
    ),
    page("more than is read", GOOD + ";" * 1_000, finds=("csp-too-large",)),
    page(
        "more policies than are read", *(f"{GOOD}; img-src a{n}" for n in range(17)), finds=("csp-too-large",)
    ),
    page(
        "framing left to X-Frame-Options",
        f"default-src 'self'{FORMS}",
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
    hosts = " ".join(f"a-host-with-a-long-name-{n}.example" for n in range(300))
    long = page("long", f"script-src {hosts}; form-action 'self'")
    assert [finding.fix for finding in findings(CHECK, long)] == ["Add object-src 'none' to the policy"]


def test_a_policy_that_is_not_read_whole_gets_the_general_fix() -> None:
    hosts = " ".join(f"{n}.de" for n in range(600))
    short = page("many", f"form-action 'self'; script-src {hosts}; object-src 'none'")
    assert [(finding.id, finding.fix) for finding in findings(CHECK, short)] == [
        ("csp-too-large", "Shorten the policy: nonces with 'strict-dynamic' need no list of hosts")
    ]


def test_the_fix_keeps_the_hosts_that_forms_go_to() -> None:
    forms = page("forms", "default-src 'self'; form-action * pay.example; base-uri https:")
    assert {finding.fix for finding in findings(CHECK, forms)} == {
        "Content-Security-Policy: default-src 'self'; form-action pay.example; base-uri 'self'"
    }
