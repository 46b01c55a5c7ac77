"""ETag (RFC 9110 section 8.8.3)."""

import pytest

from tests.workers.checks.cases import Case, findings, found_ids
from workers.checks.entity_tag import CHECK


def sent(name: str, *values: str, finds: tuple[str, ...] = ()) -> Case:
    return Case(name, tuple(("ETag", value) for value in values), finds)


UNQUOTED, MALFORMED = ("etag-unquoted",), ("etag-malformed",)
CASES = (
    sent("none"),
    sent("strong", '"a-1!\xe4"'),
    sent("weak", 'W/"1"'),
    sent("empty", '""'),
    sent("unquoted", "5ac3-1f", finds=UNQUOTED),
    sent("weak and unquoted", "W/5ac3", finds=UNQUOTED),
    sent("weak in lower case", 'w/"1"', finds=("etag-weak-spelling",)),
    sent("a space", '"a b"', finds=MALFORMED),
    sent("an open quote", '"a', finds=MALFORMED),
    sent("quoted twice", '""a""', finds=MALFORMED),
    sent("nothing", "", finds=MALFORMED),
    sent("a list", '"a", "b"', finds=MALFORMED),
    sent("two", '"a"', '"b"', finds=("etag-repeated",)),
    sent("the same twice", '"a"', '"a"'),
    sent("Apache's of old", '"2aab3e-5d4f-5093aa6381640"', finds=("etag-tells-inode",)),
    sent("Apache's of today", '"5d4f-5093aa6381640"'),
    sent("nginx's", '"58fc05ff-16d8"'),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("value", "fix"),
    [
        ("5ac3", 'ETag: "5ac3"'),
        ("W/5ac3", 'ETag: W/"5ac3"'),
        ('w/"1"', 'ETag: W/"1"'),
        ('""a b""', 'ETag: "ab"'),
        ('""a', 'ETag: "a"'),
        ("", "Remove the field ETag"),
    ],
)
def test_the_line_is_the_tag_that_was_meant(value: str, fix: str) -> None:
    assert [finding.fix for finding in findings(CHECK, sent("", value))] == [fix]
