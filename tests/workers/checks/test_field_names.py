"""Misspelt security fields."""

import pytest

from tests.workers.checks.cases import Case, findings, found_ids
from workers.checks.field_names import CHECK, NAMES

MISSPELT = ("security-field-misspelt",)
CASES = (
    *(Case(name, ((name, "x"),)) for name in NAMES),
    Case("in small letters", (("x-frame-options", "DENY"),)),
    Case("an old one that exists", (("X-Content-Security-Policy", "default-src 'self'"),)),
    Case("reported", (("Permissions-Policy-Report-Only", "x"),)),
    Case("something else", (("Content-Security", "x"), ("X-Frame", "1"), ("X-Content-Digest", "1"))),
    Case("a letter short", (("X-Frame-Option", "DENY"),), MISSPELT),
    Case("a letter short within", (("Referer-Policy", "no-referrer"),), MISSPELT),
    Case("a letter too much", (("Strict-Transports-Security", "max-age=1"),), MISSPELT),
    Case("a wrong letter", (("Content-Secutity-Policy", "x"),), MISSPELT),
    Case("two in the wrong order", (("X-Content-Type-Opitons", "nosniff"),), MISSPELT),
    Case("spaces for dashes", (("X-Content Type Options", "nosniff"),), MISSPELT),
    Case("no dashes", (("StrictTransportSecurity", "x"),), MISSPELT),
    Case("underscores", (("X_Frame_Options", "DENY"),), MISSPELT),
    Case("two slips", (("X-Fram-Option", "DENY"),)),
    Case("beside the right one", (("Permission-Policy", "x"), ("Permissions-Policy", "x")), MISSPELT),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("case", "fix"),
    [
        (CASES[-1], "Remove the field Permission-Policy"),
        (Case("alone", (("Permission-Policy", "x"),)), "Rename the field to Permissions-Policy"),
    ],
    ids=str,
)
def test_it_is_to_be_renamed_unless_the_right_one_is_there(case: Case, fix: str) -> None:
    assert [finding.fix for finding in findings(CHECK, case)] == [fix]
