"""Cross-origin isolation as a whole, and its trials."""

import pytest

from tests.workers.checks.cases import PAGE, Case, findings, found_ids
from workers.checks.cross_origin_isolation import CHECK
from workers.syntax.head import Field

OPENER, EMBEDDER = "Cross-Origin-Opener-Policy", "Cross-Origin-Embedder-Policy"
DOCUMENT = "Document-Isolation-Policy"
ISOLATED: tuple[Field, ...] = ((OPENER, "same-origin"), (EMBEDDER, "credentialless"))


def permits(value: str) -> Field:
    return "Permissions-Policy", value


CASES = (
    Case("none", (PAGE,)),
    Case("isolated", (PAGE, *ISOLATED)),
    Case(
        "isolated, and its use left to the page", (PAGE, *ISOLATED, permits("cross-origin-isolated=(self)"))
    ),
    Case(
        "isolated, and its use denied",
        (PAGE, *ISOLATED, permits("camera=(), cross-origin-isolated=()")),
        ("isolation-denied-by-permissions-policy",),
    ),
    Case("not isolated, and its use denied", (PAGE, ISOLATED[0], permits("cross-origin-isolated=()"))),
    Case(
        "isolated, with a policy that nobody can read",
        (PAGE, *ISOLATED, permits("cross-origin-isolated=(),")),
    ),
    Case("a trial", (PAGE, (f"{OPENER}-Report-Only", 'same-origin; report-to="main"'))),
    Case("a trial of nothing", (PAGE, (f"{OPENER}-Report-Only", "unsafe-none"))),
    Case(
        "a trial that nobody hears of",
        (PAGE, (f"{OPENER}-Report-Only", "same-origin")),
        ("isolation-trial-without-endpoint",),
    ),
    Case(
        "a trial to a token",
        (PAGE, (f"{EMBEDDER}-Report-Only", "require-corp; report-to=main")),
        ("isolation-trial-without-endpoint",),
    ),
    Case(
        "a trial of what holds",
        (PAGE, *ISOLATED, (f"{OPENER}-Report-Only", 'same-origin; report-to="main"')),
        ("isolation-trial-superfluous",),
    ),
    Case(
        "a trial of no policy",
        (PAGE, (f"{EMBEDDER}-Report-Only", '"require-corp"')),
        ("isolation-trial-invalid",),
    ),
    Case("a document's own", (PAGE, (DOCUMENT, "isolate-and-require-corp"))),
    Case("a document's none", (PAGE, (DOCUMENT, "require-corp")), ("document-isolation-policy-invalid",)),
    Case(
        "a document's own, in quotes",
        (PAGE, (DOCUMENT, '"isolate-and-require-corp"')),
        ("document-isolation-policy-invalid",),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("value", "fix"),
    [
        ("same-origin", f'{OPENER}-Report-Only: same-origin; report-to="main"'),
        ("'Same-Origin'; report-to=x", f'{OPENER}-Report-Only: same-origin; report-to="main"'),
        ("nonsense", f"Remove the field {OPENER}-Report-Only"),
    ],
)
def test_a_trial_is_led_to_the_endpoint_that_there_is(value: str, fix: str) -> None:
    endpoints = ("Reporting-Endpoints", 'main="https://r.example/"')
    case = Case("faulty", (PAGE, endpoints, (f"{OPENER}-Report-Only", value)))
    assert {finding.fix for finding in findings(CHECK, case)} == {fix}
