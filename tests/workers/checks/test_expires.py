"""Expires beside Cache-Control (RFC 9111 section 5.3)."""

import pytest

from tests.workers.checks.cases import Case, found_ids
from workers.checks.expires import CHECK

PAST = "Thu, 01 Jan 1970 00:00:00 GMT"
TOMORROW = "Tue, 02 Jun 2026 00:00:00 GMT"


def sent(name: str, expires: str, control: str | None, *finds: str, date: bool = True) -> Case:
    fields = [("Expires", expires)]
    if control is not None:
        fields.append(("Cache-Control", control))
    if date:
        fields.append(("Date", "Mon, 01 Jun 2026 00:00:00 GMT"))
    return Case(name, tuple(fields), finds)


CASES = (
    sent("alone", TOMORROW, None),
    sent("the same", TOMORROW, "max-age=86400"),
    sent("the same but for a minute", TOMORROW, "max-age=86340"),
    sent("both past", PAST, "max-age=0"),
    sent("both at once", "0", "max-age=0"),
    sent("another time", TOMORROW, "max-age=600", "expires-overridden"),
    sent("past and a time", PAST, "public, max-age=600", "expires-overridden"),
    sent("no date and a time", "-1", "max-age=600", "expires-overridden"),
    sent("tomorrow, but never", TOMORROW, "no-store", "expires-against-cache-control"),
    sent("tomorrow, but asked for", TOMORROW, "no-cache, max-age=0", "expires-against-cache-control"),
    sent("past and never", PAST, "no-store, max-age=0"),
    sent("tomorrow, without a clock", TOMORROW, "max-age=600", date=False),
    sent("beside what does not tell", TOMORROW, "public"),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds
