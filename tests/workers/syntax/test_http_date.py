"""HTTP-date in its three forms (RFC 9110 section 5.6.7)."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.syntax.http_date import HttpDate, format_http_date, parse_http_date

SAME = datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def date_of(moment: datetime, *, obsolete: bool = False) -> HttpDate:
    return HttpDate(int(moment.timestamp()), obsolete)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", date_of(SAME)),
        ("sun, 06 nov 1994 08:49:37 gmt", date_of(SAME)),
        ("Sunday, 06-Nov-94 08:49:37 GMT", date_of(SAME, obsolete=True)),
        ("Sun Nov  6 08:49:37 1994", date_of(SAME, obsolete=True)),
        ("Wed, 31 Dec 2025 23:59:60 GMT", date_of(datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC))),
        ("Thursday, 01-Jan-76 00:00:00 GMT", date_of(datetime(2076, 1, 1, tzinfo=UTC), obsolete=True)),
        ("Saturday, 01-Jan-77 00:00:00 GMT", date_of(datetime(1977, 1, 1, tzinfo=UTC), obsolete=True)),
        ("Sun, 06 Nov 1994 08:49:37 UTC", None),
        ("Sun, 06 Nov 1994 08:49:37 +0000", None),
        ("Sun, 6 Nov 1994 08:49:37 GMT", None),
        ("Sun, 06-Nov-1994 08:49:37 GMT", None),
        ("Sun, 31 Feb 1994 08:49:37 GMT", None),
        ("Sun, 06 Nov 1994 24:00:00 GMT", None),
        ("Sun, 06 Nov 1994 23:60:00 GMT", None),
        ("Sun, 06 Nov 1994 23:00:61 GMT", None),
        ("Sun, 06 Nov 0000 08:49:37 GMT", None),
        ("1994-11-06T08:49:37Z", None),
        ("0", None),
        ("", None),
        ("Sun, \xb206 Nov 1994 08:49:37 GMT", None),
    ],
)
def test_reads_the_forms_there_are(text: str, date: HttpDate | None) -> None:
    assert parse_http_date(text, now=NOW) == date


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC)))  # noqa: DTZ001
def test_what_is_written_is_read_again(moment: datetime) -> None:
    date = parse_http_date(format_http_date(moment))
    assert date == date_of(moment.replace(microsecond=0))
    assert date.moment == moment.replace(microsecond=0)
