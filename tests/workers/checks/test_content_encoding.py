"""Content-Encoding (RFC 9110 section 8.4)."""

import pytest

from tests.workers.checks.cases import Case, findings, found_ids
from workers.checks.content_encoding import CHECK


def sent(name: str, *values: str, finds: tuple[str, ...] = ()) -> Case:
    return Case(name, tuple(("Content-Encoding", value) for value in values), finds)


UNKNOWN, IDENTITY = ("content-encoding-unknown",), ("content-encoding-identity",)
CASES = (
    sent("none"),
    sent("usual", "gzip"),
    sent("in capitals", "BR"),
    sent("two", "deflate, gzip"),
    sent("a dictionary's", "dcz"),
    sent("empty", ""),
    sent("a charset", "utf-8", finds=UNKNOWN),
    sent("a transfer coding", "chunked, x", finds=UNKNOWN),
    sent("not packed", "identity", finds=IDENTITY),
    sent("not packed, and packed", "identity, gzip", finds=IDENTITY),
    sent("of old", "compress", finds=("content-encoding-unsupported",)),
    sent("twice", "gzip", "gzip", finds=("content-encoding-twice",)),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("value", "fix"),
    [
        ("identity, gzip", "Content-Encoding: gzip"),
        ("identity", "Remove the field Content-Encoding"),
        ("utf-8", "Remove the field Content-Encoding"),
    ],
)
def test_the_line_keeps_what_was_right(value: str, fix: str) -> None:
    assert [finding.fix for finding in findings(CHECK, sent("", value))] == [fix]
