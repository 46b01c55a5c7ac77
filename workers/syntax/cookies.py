"""Set-Cookie as browsers read it (RFC 6265bis section 5): never by the servers' grammar of section 4.

Owns the parsing of a line and of a cookie-date. Whether the cookie is then stored depends on the request,
and is told by `workers.syntax.cookie_store`.
"""

import re
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import lru_cache
from typing import Final

from msgspec import Struct

_WHITE = " \t"
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")  # section 5.6 step 1: such a cookie is dropped whole
_DELIMITER = re.compile(r"[\x09\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+")  # section 5.1.1
_TIME = re.compile(r"(\d{1,2}):(\d{1,2}):(\d{1,2})(?!\d)", re.ASCII)
_DAY = re.compile(r"(\d{1,2})(?!\d)", re.ASCII)
_YEAR = re.compile(r"(\d{2,4})(?!\d)", re.ASCII)
_MAX_AGE = re.compile(r"-?\d+", re.ASCII)
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

PAIR_LIMIT: Final = 4096  # octets of name and value together (section 5.6 step 5)
ATTRIBUTE_LIMIT: Final = 1024  # octets of an attribute's value, which is ignored beyond (section 5.6)
DATE_LIMIT: Final = ATTRIBUTE_LIMIT
AGE_LIMIT: Final = timedelta(days=400)  # section 5.5: longer lifetimes are cut to this
EARLIEST_YEAR: Final = 1601  # section 5.1.1 step 5
LONG_AGO: Final = datetime(EARLIEST_YEAR, 1, 1, tzinfo=UTC)  # "the earliest representable date"
_LATEST_NOW: Final = datetime(9990, 1, 1, tzinfo=UTC)  # so that no lifetime ends beyond what a date can tell
_TWO_DIGITS: Final = 100
_CENTURY_TURN: Final = 70  # section 5.1.1 steps 3 and 4: 70-99 are 19xx, 0-69 are 20xx


class Refusal(Enum):
    """Why a browser ignores a Set-Cookie line as a whole. The value is the section of RFC 6265bis."""

    CONTROL_CHARACTER = "5.6 step 1"
    TOO_LARGE = "5.6 step 5"
    EMPTY = "5.7 step 2"
    DOMAIN_NOT_ASCII = "5.7 step 8"
    PUBLIC_SUFFIX = "5.7 step 9"
    FOREIGN_DOMAIN = "5.7 step 10"
    SECURE_OVER_HTTP = "5.7 step 13"
    OVERLAYS_SECURE = "5.7 step 16"
    NONE_WITHOUT_SECURE = "5.7 step 19"
    SECURE_PREFIX = "5.7 step 20"
    HOST_PREFIX = "5.7 step 21"
    NAMELESS_PREFIX = "5.7 step 22"


class Cookie(Struct, frozen=True):
    """A cookie as received. `attributes` are (lower-case name, value) in order; the last of a name counts."""

    name: str
    value: str
    attributes: tuple[tuple[str, str], ...]

    def last(self, attribute: str) -> str | None:
        """The value of the last attribute of that name ("" without one); None where it was not given."""
        for name, value in reversed(self.attributes):
            if name == attribute:
                return value
        return None

    @property
    def secure(self) -> bool:
        return self.last("secure") is not None

    @property
    def http_only(self) -> bool:
        return self.last("httponly") is not None

    @property
    def same_site(self) -> str | None:
        """The last SameSite's value in lower case, whatever it is; None where it was not given."""
        value = self.last("samesite")
        return None if value is None else value.lower()

    @property
    def domain(self) -> str:
        """The last Domain without its leading dot, lower case; "" where the cookie is for its host alone."""
        return (self.last("domain") or "").removeprefix(".").lower()

    @property
    def path(self) -> str | None:
        """The last Path; None where there is none that begins with "/", so that the default path applies."""
        value = self.last("path")
        return value if value and value.startswith("/") else None

    @property
    def max_age(self) -> int | None:
        """The last Max-Age that is a number, in seconds and uncut; None where there is none."""
        for name, value in reversed(self.attributes):
            if name == "max-age" and (age := parse_max_age(value)) is not None:
                return age
        return None

    @property
    def expires(self) -> datetime | None:
        """The last Expires that is a date, uncut; None where there is none."""
        for name, value in reversed(self.attributes):
            if name == "expires" and (date := parse_cookie_date(value)) is not None:
                return date
        return None

    def expiry(self, now: datetime) -> datetime | None:
        """When the cookie ends (sections 5.5, 5.6.1, 5.6.2 and 5.7 step 6): Max-Age goes before Expires.

        None where it ends with the session; `LONG_AGO` where Max-Age deletes it.
        """
        limit = min(now, _LATEST_NOW) + AGE_LIMIT
        if (age := self.max_age) is not None:
            if age <= 0:
                return LONG_AGO
            return limit - AGE_LIMIT + timedelta(seconds=min(age, AGE_LIMIT.total_seconds()))
        date = self.expires
        return None if date is None else min(date, limit)

    def expired(self, now: datetime) -> bool:
        """Whether the cookie is deleted by being set."""
        if (age := self.max_age) is not None:
            return age <= 0
        date = self.expires
        return date is not None and date <= now


def parse_set_cookie(text: str) -> Cookie | Refusal:
    """Section 5.6: the cookie of one field value (Latin-1: a character an octet), or why it is ignored.

    A line without name and value passes section 5.6, but nothing stores it: it is refused here already.
    """
    # What is printable has no control characters, and is told faster; tabs and Latin-1 need the search.
    if not text.isprintable() and _CONTROL.search(text) is not None:
        return Refusal.CONTROL_CHARACTER
    pair, *rest = text.split(";")
    name, value = parse_pair(pair)
    if len(name) + len(value) > PAIR_LIMIT:
        return Refusal.TOO_LARGE
    if not (name or value):
        return Refusal.EMPTY
    attributes: list[tuple[str, str]] = []
    for part in rest:
        attribute, _, attribute_value = part.partition("=")
        attribute_value = attribute_value.strip(_WHITE)
        if len(attribute_value) <= ATTRIBUTE_LIMIT:
            attributes.append((attribute.strip(_WHITE).lower(), attribute_value))
    return Cookie(name, value, tuple(attributes))


def parse_pair(pair: str) -> tuple[str, str]:
    """Section 5.6 steps 3 and 4: name and value of what stands before the first semicolon."""
    name, equals, value = pair.partition("=")
    if not equals:
        name, value = "", pair
    return name.strip(_WHITE), value.strip(_WHITE)


def parse_max_age(text: str) -> int | None:
    """Section 5.6.2: the seconds that a Max-Age (of at most `ATTRIBUTE_LIMIT`) tells; None where ignored."""
    return int(text) if _MAX_AGE.fullmatch(text) else None


@lru_cache(
    maxsize=256
)  # one date is asked for several times: whether it is one, what it ends, how it is spelt
def parse_cookie_date(text: str) -> datetime | None:
    """Section 5.1.1: the first that looks like each part is it; None where one is absent or impossible."""
    time: tuple[int, int, int] | None = None
    day = month = year = None
    for token in _DELIMITER.split(text[:DATE_LIMIT]):
        if time is None and (match := _TIME.match(token)):
            time = (int(match[1]), int(match[2]), int(match[3]))
        elif day is None and (match := _DAY.match(token)):
            day = int(match[1])
        elif month is None and token[:3].lower() in _MONTHS:
            month = _MONTHS.index(token[:3].lower()) + 1
        elif year is None and (match := _YEAR.match(token)):
            year = _full_year(int(match[1]))
    if time is None or day is None or month is None or year is None or year < EARLIEST_YEAR:
        return None
    try:
        return datetime(year, month, day, *time, tzinfo=UTC)
    except ValueError:  # no such day, or 24:00 and beyond: steps 5 and 6 fail on them too
        return None


def _full_year(year: int) -> int:
    if year >= _TWO_DIGITS:
        return year
    return year + (1900 if year >= _CENTURY_TURN else 2000)
