"""Feature-Policy: translated into the header that took its place."""

import pytest

from tests.workers.checks.cases import PAGE, Case, findings, found_ids
from workers.checks.feature_policy import CHECK

CASES = (
    Case("none", (PAGE,)),
    Case("alone", (PAGE, ("Feature-Policy", "camera 'none'")), ("feature-policy-replaced",)),
    Case("on a redirect", (("Location", "/"), ("Feature-Policy", "camera 'none'")), status=301),
    Case(
        "beside the new header",
        (PAGE, ("Feature-Policy", "camera 'none'"), ("Permissions-Policy", "camera=()")),
        ("feature-policy-superfluous",),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("geolocation 'none'; camera 'self' https://a.example", 'geolocation=(), camera=(self "https://a.example")'),
        ("payment *; autoplay *; vibrate 'none'", "payment=(self), autoplay=*"),
        ("vr 'self'", "xr-spatial-tracking=(self)"),
        ("gobbledygook", "camera=(), geolocation=(), microphone=()"),
    ],
)  # fmt: skip
def test_the_new_line_is_made_of_the_old_value(old: str, new: str) -> None:
    (finding,) = findings(CHECK, Case("old", (PAGE, ("Feature-Policy", old))))
    assert finding.fix == f"Permissions-Policy: {new}"
