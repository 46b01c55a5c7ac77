"""X-Frame-Options beside frame-ancestors, as WHATWG HTML has them."""

import pytest

from tests.workers.checks.cases import PAGE, Case, findings, found_ids
from workers.checks.x_frame_options import CHECK


def page(name: str, *values: str, finds: tuple[str, ...] = (), csp: str | None = None) -> Case:
    policy = () if csp is None else (("Content-Security-Policy", csp),)
    return Case(name, (PAGE, *(("X-Frame-Options", value) for value in values), *policy), finds)


CASES = (
    page("deny", "DENY"),
    page("same origin, in any case", "SameOrigin"),
    page("the same twice", "SAMEORIGIN", "sameorigin"),
    page("missing", finds=("framing-unrestricted",)),
    page("missing beside another policy", finds=("framing-unrestricted",), csp="default-src 'self'"),
    page("frame-ancestors alone", csp="frame-ancestors https://partner.example"),
    page("frame-ancestors that agrees", "DENY", csp="frame-ancestors 'none'"),
    page(
        "frame-ancestors that disagrees",
        "DENY",
        csp="frame-ancestors 'self'",
        finds=("frame-options-overridden",),
    ),
    page("frame-ancestors beside nonsense", "ALLOWALL", csp="frame-ancestors 'self'"),
    page("allow-from", "ALLOW-FROM https://partner.example/", finds=("frame-options-allow-from",)),
    page(
        "allow-from, with a colon", "allow-from: https://partner.example", finds=("frame-options-allow-from",)
    ),
    page("allow-from nobody", "ALLOW-FROM", finds=("frame-options-allow-from",), csp="img-src *"),
    page("all", "ALLOWALL", finds=("frame-options-invalid",)),
    page("empty", "", finds=("frame-options-invalid",)),
    page("quoted", '"DENY"', finds=("frame-options-invalid",)),
    page("two that differ", "SAMEORIGIN", "DENY", finds=("frame-options-conflicting",)),
    page("two that differ in one line", "SAMEORIGIN, ALLOWALL", finds=("frame-options-conflicting",)),
    Case("missing on JSON", (("Content-Type", "application/json"),)),
    Case("missing on a redirect", (PAGE, ("Location", "/")), status=302),
    Case(
        "reported frame-ancestors do not count",
        (PAGE, ("Content-Security-Policy-Report-Only", "frame-ancestors 'self'")),
        ("framing-unrestricted",),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


def test_the_fix_of_allow_from_joins_the_policy_that_is_there() -> None:
    case = page("allow-from", "ALLOW-FROM https://partner.example/x", csp="img-src *")
    (finding,) = findings(CHECK, case)
    assert finding.fix == (
        "Content-Security-Policy: img-src *; frame-ancestors 'self' https://partner.example; "
        "script-src 'self'; object-src 'none'"
    )
