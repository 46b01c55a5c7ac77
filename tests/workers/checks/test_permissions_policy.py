"""Permissions-Policy: the dictionary as browsers read it, and the line that says what was meant."""

import pytest

from tests.workers.checks.cases import PAGE, Case, findings, found_ids
from workers.checks.permissions_policy import CHECK
from workers.checks.permissions_policy.features import KNOWN, OBSOLETE, POWERFUL

FIELD = "Permissions-Policy"


def sent(name: str, *values: str, finds: tuple[str, ...] = (), field: str = FIELD) -> Case:
    stylesheet = () if field == FIELD else (("Content-Type", "text/css"),)  # of which nothing is missing
    return Case(name, (*stylesheet, *((field, value) for value in values)), finds)


CASES = (
    Case("missing on a page", (PAGE,), ("permissions-policy-missing",)),
    Case("missing on an image", (("Content-Type", "image/png"),)),
    Case("missing on a redirect", (("Location", "/"), PAGE), status=302),
    Case("the old header's page", (PAGE, ("Feature-Policy", "camera 'none'"))),
    sent("nobody", "camera=(), geolocation=( ), microphone=()"),
    sent("the page and a frame", 'camera=(self "https://a.example"), usb=self'),
    sent("a wildcard for subdomains", 'camera=("https://*.a.example" "https://a.example:8443")'),
    sent("a whole feature for all", "fullscreen=*, autoplay=(*)"),
    sent("client hints", 'ch-ua-arch=(self "https://cdn.example"), ch-dpr=*'),
    sent("a report's endpoint", "camera=();report-to=main"),
    sent("none in parentheses, which allows nobody", "camera=(none)"),
    sent("two lines that agree", "camera=()", "camera=(), usb=()"),
    sent("empty", ""),
    sent("a comma at the end", "camera=(),", finds=("permissions-policy-malformed",)),
    sent("a semicolon before a list", "camera=(); usb=()", finds=("permissions-policy-malformed",)),
    sent("commas in a list", 'camera=(self, "https://a.example")', finds=("permissions-policy-malformed",)),
    sent("a name in capitals", "Camera=()", finds=("permissions-policy-malformed",)),
    sent(
        "the old syntax",
        "geolocation 'none'; camera 'self' https://a.example",
        finds=("permissions-policy-feature-policy-syntax",),
    ),
    sent("the old syntax without quotes", "camera self", finds=("permissions-policy-feature-policy-syntax",)),
    sent("a semicolon for a comma", "camera=self; usb=self", finds=("permissions-policy-semicolon",)),
    sent("a misspelt feature", "geo-location=()", finds=("permissions-policy-feature-unknown",)),
    sent("a withdrawn feature", "interest-cohort=()", finds=("permissions-policy-feature-obsolete",)),
    sent("a renamed feature", "window-placement=(self)", finds=("permissions-policy-feature-obsolete",)),
    sent("none", "camera=none", finds=("permissions-policy-allowlist-invalid",)),
    sent("a name alone", "camera", finds=("permissions-policy-allowlist-invalid",)),
    sent("self in quotes", 'camera=("self")', finds=("permissions-policy-member-invalid",)),
    sent("an origin without scheme", 'camera=("a.example")', finds=("permissions-policy-member-invalid",)),
    sent(
        "an origin without quotes", "camera=(https://a.example)", finds=("permissions-policy-member-invalid",)
    ),
    sent("src", "fullscreen=(self src)", finds=("permissions-policy-member-invalid",)),
    sent(
        "an origin with a path",
        'camera=("https://a.example/app")',
        finds=("permissions-policy-origin-with-path",),
    ),
    sent("an origin with a slash", 'camera=("https://a.example/")'),
    sent("the camera for all", "camera=*", finds=("permissions-policy-powerful-for-all",)),
    sent(
        "two lines that differ", "camera=()", "camera=(self)", finds=("permissions-policy-feature-repeated",)
    ),
    sent(
        "two lines, one of them broken",
        "camera=(self",
        '"https://a.example")',
        finds=("permissions-policy-malformed",),
    ),
    sent(
        "a trial",
        "camera=none",
        finds=("permissions-policy-allowlist-invalid",),
        field=f"{FIELD}-Report-Only",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("value", "mended"),
    [
        ("midi 'none'; camera 'self' https://a.example", 'midi=(), camera=(self "https://a.example")'),
        ("camera=(); usb=(self)", "camera=(), usb=(self)"),
        ('camera=(self, "https://a.example")', 'camera=(self "https://a.example")'),
        ("camera=self; usb=self, midi=()", "camera=(self), usb=(self), midi=()"),
        ("interest-cohort=(), camera=none;report-to=main", "camera=();report-to=main"),
        ("interest-cohort=()", "camera=(), geolocation=(), microphone=()"),
        ("window-placement=(self), geo=()", "window-management=(self)"),
        ('camera=("self" "https://a.b/x" "b.c"), usb=*', 'camera=(self "https://a.b"), usb=(self)'),
    ],
)  # fmt: skip
def test_one_line_says_what_was_meant(value: str, mended: str) -> None:
    assert {finding.fix for finding in findings(CHECK, sent("faulty", value))} == {f"{FIELD}: {mended}"}


def test_a_finding_in_a_trial_names_the_trials_field() -> None:
    (finding,) = findings(CHECK, sent("trial", "camera=*", field=f"{FIELD}-Report-Only"))
    assert finding.field == f"{FIELD}-Report-Only"
    assert finding.fix == f"{FIELD}-Report-Only: camera=(self)"


def test_no_more_names_are_told_than_can_be_read() -> None:
    (finding,) = findings(CHECK, sent("many", ", ".join(f"x{n}=()" for n in range(9))))
    assert finding.message.startswith("No browser knows x0, x1, x2, x3, x4 and 4 more;")


def test_the_table_of_features_contradicts_itself_nowhere() -> None:
    assert not KNOWN & OBSOLETE.keys()
    assert POWERFUL <= KNOWN
    assert {new for new in OBSOLETE.values() if new} <= KNOWN
