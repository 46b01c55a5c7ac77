"""HTTP-date (RFC 9110 section 5.6.7): the form to be sent, and the two obsolete ones that are still read.

Owns the exact grammar, but for case: RFC 9111 section 4.2 has caches ignore it. Dates that are none of the
three can often be understood all the same: `workers.syntax.cookies.parse_cookie_date` does.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, NamedTuple

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NUMBERS: Final = {name.lower(): number for number, name in enumerate(_MONTHS, start=1)}
_DAY, _MONTH = f"(?:{'|'.join(_DAYS)})", f"({'|'.join(_MONTHS)})"
_LONG_DAY = "(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
_TIME = r"(\d\d):(\d\d):(\d\d)"
_FLAGS = re.ASCII | re.IGNORECASE
_FIXDATE_DAY = re.compile(rf"{_DAY}, (\d\d) {_MONTH} (\d{{4}}) ", _FLAGS)
_RFC_850 = re.compile(rf"{_LONG_DAY}, (\d\d)-{_MONTH}-(\d\d) {_TIME} GMT", _FLAGS)
_ASCTIME = re.compile(rf"{_DAY} {_MONTH} (\d\d| \d) {_TIME} (\d{{4}})", _FLAGS)
FIXDATE_LENGTH: Final = 29  # RFC 9110 section 5.6.7: "fixed length"
_SHORTEST_DATE: Final = len("Sun Nov  6 08:49:37 1994")
_DAY_LENGTH, _MINUTE_LENGTH = len("Sun, 06 Nov 1994 "), len("Sun, 06 Nov 1994 08:49:")
_DATES_KEPT: Final = 4_096  # a MiB. Date is that of all responses of a second; a fleet shares others, too
_DAYS_KEPT: Final = 1_024
_CENTURY: Final = 100
_HOURS, _MINUTES, _LEAP_SECOND = 24, 60, 60
# The rest of a date by what may stand there: quicker than a grammar, and dates are read for each response.
_FIXDATE_MINUTES: Final = {f"{at // 60:02}:{at % 60:02}:": at * 60 for at in range(_HOURS * _MINUTES)}
_FIXDATE_SECONDS: Final = {f"{at:02} GMT": min(at, _LEAP_SECOND - 1) for at in range(_LEAP_SECOND + 1)}
_AHEAD_YEARS: Final = 50  # a year of two digits that lies further ahead is of the century before


class HttpDate(NamedTuple):
    """A moment in seconds since the epoch, and whether it was written in a form that must not be sent any
    more."""

    epoch_s: int
    obsolete: bool

    @property
    def moment(self) -> datetime:
        """By the calendar, in UTC."""
        return datetime.fromtimestamp(self.epoch_s, UTC)


def parse_http_date(text: str, *, now: datetime | None = None) -> HttpDate | None:
    """The date; None where it is none. `now` (or else the clock) tells the century of a two-digit year."""
    if len(text) == FIXDATE_LENGTH:
        epoch_s = read_fixdate(text)
        return None if epoch_s is None else HttpDate(epoch_s, obsolete=False)
    if len(text) < _SHORTEST_DATE:  # as "0" and "-1" are, which many send for a time that is over
        return None
    if match := _RFC_850.fullmatch(text):
        day, month, year, *time = match.groups()
        midnight_s = _midnight(_full_year(int(year), now or datetime.now(UTC)), month, day)
        return _date(midnight_s, time)
    if match := _ASCTIME.fullmatch(text):
        month, day, *time, year = match.groups()
        return _date(_midnight(int(year), month, day), time)
    return None


@lru_cache(maxsize=_DATES_KEPT)
def read_fixdate(text: str) -> int | None:
    """When a date is in the form to be sent, in seconds since the epoch; None of a text that is none. Longer
    ones than `FIXDATE_LENGTH` are not to be given: they would be kept."""
    midnight_s = _read_day(text[:_DAY_LENGTH])
    minute_s = _FIXDATE_MINUTES.get(text[_DAY_LENGTH:_MINUTE_LENGTH])
    second = _FIXDATE_SECONDS.get(text[_MINUTE_LENGTH:].upper())
    if midnight_s is None or minute_s is None or second is None:
        return None
    return midnight_s + minute_s + second


@lru_cache(maxsize=_DAYS_KEPT)  # most dates that are new are of a day that is not
def _read_day(text: str) -> int | None:
    match = _FIXDATE_DAY.fullmatch(text)
    if match is None:
        return None
    day, month, year = match.groups()
    return _midnight(int(year), month, day)


def format_http_date(moment: datetime) -> str:
    """IMF-fixdate. (strftime would write the days' names in the process's language.)"""
    utc = moment.astimezone(UTC)
    return (
        f"{_DAYS[utc.weekday()]}, {utc.day:02} {_MONTHS[utc.month - 1]} {utc.year:04}"
        f" {utc.hour:02}:{utc.minute:02}:{utc.second:02} GMT"
    )


def _midnight(year: int, month: str, day: str) -> int | None:
    """When the day begins, in seconds since the epoch; None where there is no such day."""
    try:
        return int(datetime(year, _NUMBERS[month.lower()], int(day), tzinfo=UTC).timestamp())
    except ValueError:
        return None


def _date(midnight_s: int | None, time: Sequence[str]) -> HttpDate | None:
    """A date in an obsolete form."""
    hour, minute, second = map(int, time)
    # The grammar allows a leap second, clocks that count from the epoch have none.
    if midnight_s is None or hour >= _HOURS or minute >= _MINUTES or second > _LEAP_SECOND:
        return None
    return HttpDate(midnight_s + hour * 3_600 + minute * 60 + min(second, _LEAP_SECOND - 1), obsolete=True)


def _full_year(year: int, now: datetime) -> int:
    year += now.year // _CENTURY * _CENTURY
    return year if year <= now.year + _AHEAD_YEARS else year - _CENTURY
