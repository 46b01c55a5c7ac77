"""Date, Last-Modified and Expires as dates (RFC 9110 section 5.6.7)."""

import pytest

from tests.workers.checks.cases import Case, findings, found_ids
from workers.checks.http_dates import CHECK
from workers.syntax.head import Field

NOW = "Mon, 01 Jun 2026 00:00:00 GMT"
DATE = ("Date", NOW)


def sent(name: str, *fields: Field, finds: tuple[str, ...] = (), status: int = 200) -> Case:
    return Case(name, fields, finds, status=status)


MALFORMED, LATER = ("http-date-malformed",), ("last-modified-in-future",)
NOW_S = 1_780_272_000.0
CASES = (
    Case("the time it is", (DATE,), at_s=NOW_S + 20),
    Case("the time it was", (DATE, ("Age", "86400")), at_s=NOW_S + 86_400),
    Case("a clock behind", (DATE,), ("date-far-off",), at_s=NOW_S + 301),
    Case("a clock ahead", (DATE, ("Age", "x")), ("date-far-off",), at_s=NOW_S - 301),
    sent("none"),
    sent("all", DATE, ("Last-Modified", NOW), ("Expires", NOW)),
    sent("in any case", ("Date", NOW.lower())),
    sent("twice the same", DATE, DATE),
    sent("a single digit", DATE, ("Last-Modified", "Mon, 1 Jun 2026 00:00:00 GMT"), finds=MALFORMED),
    sent("hyphens", DATE, ("Expires", "Thu, 01-Jan-1970 00:00:00 GMT"), finds=MALFORMED),
    sent("another zone", ("Date", "Mon, 01 Jun 2026 02:00:00 +0200"), finds=MALFORMED),
    sent("no date at all", DATE, ("Last-Modified", "yesterday"), finds=MALFORMED),
    sent("no date at all in Date", ("Date", "today"), finds=MALFORMED),
    sent("no date at all in Expires", DATE, ("Expires", "never"), finds=MALFORMED),
    sent("as in RFC 850", ("Date", "Monday, 01-Jun-26 00:00:00 GMT"), finds=("http-date-obsolete",)),
    sent("as in C", DATE, ("Last-Modified", "Mon Jun  1 00:00:00 2026"), finds=("http-date-obsolete",)),
    sent("Expires zero", DATE, ("Expires", "0"), finds=("expires-number",)),
    sent("Expires minus one", DATE, ("Expires", "-1"), finds=("expires-number",)),
    sent("two", DATE, ("Expires", NOW), ("Expires", "0"), finds=("http-date-repeated",)),
    sent("no clock", ("Expires", NOW), finds=("date-missing",)),
    sent("no clock in an error of the server", ("Expires", NOW), status=500),
    sent("changed a minute later", DATE, ("Last-Modified", "Mon, 01 Jun 2026 00:01:00 GMT")),
    sent("changed tomorrow", DATE, ("Last-Modified", "Tue, 02 Jun 2026 00:00:00 GMT"), finds=LATER),
    sent(
        "changed tomorrow, as in C",
        DATE,
        ("Last-Modified", "Tue Jun  2 00:00:00 2026"),
        finds=("http-date-obsolete", *LATER),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("field", "fix"),
    [
        (("Expires", "Thu, 01-Jan-1970 00:00:00 GMT"), "Expires: Thu, 01 Jan 1970 00:00:00 GMT"),
        (("Expires", "Sun, 31 May 2026 17:00:00 -0700"), f"Expires: {NOW}"),
        (("Expires", "Sun, 31 May 2026 16:00:00 PST"), f"Expires: {NOW}"),
        (("Expires", "Sun, 99 May 2026 16:00:00 GMT"), "Expires: Thu, 01 Jan 1970 00:00:00 GMT"),
        (("Expires", "never"), "Expires: Thu, 01 Jan 1970 00:00:00 GMT"),
        (("Last-Modified", "Sun May 31 00:00:00 2026"), "Last-Modified: Sun, 31 May 2026 00:00:00 GMT"),
        (("Last-Modified", "Tue, 02 Jun 2026 00:00:00 GMT"), f"Last-Modified: {NOW}"),
        (("Last-Modified", "yesterday"), "Remove the field Last-Modified"),
    ],
)
def test_the_line_tells_the_date_that_was_meant(field: Field, fix: str) -> None:
    assert [finding.fix for finding in findings(CHECK, sent("", DATE, field))] == [fix]


@pytest.mark.parametrize(
    ("name", "does"),
    [("Expires", "take the response for stale"), ("Last-Modified", "may ignore it")],
)
def test_a_malformed_date_is_told_by_what_caches_make_of_it(name: str, does: str) -> None:
    case = Case("malformed", (DATE, (name, "Sun, 06 Nov 1994 08:49:37 UTC")))
    (found,) = findings(CHECK, case)
    assert found.message == f"{name} is no HTTP date; caches {does}."
