"""How long a cookie lasts: Expires and Max-Age (RFC 6265bis sections 5.1.1, 5.5, 5.6.1 and 5.6.2)."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Final

from workers.check import Rule
from workers.checks.set_cookie.sent import (
    DELETED_BEFORE,
    FIELD,
    Broken,
    Part,
    Parts,
    Sent,
    Setting,
    named,
    part_of,
    without,
)
from workers.syntax.cookies import AGE_LIMIT, Cookie, parse_cookie_date, parse_max_age

TOLERANCE: Final = timedelta(days=1)  # clocks differ, and a date may stand a while in a cache
_AGE_SECONDS: Final = int(AGE_LIMIT.total_seconds())
_LONG_YEAR = re.compile(r"\d{4}", re.ASCII)
_LIKE_A_NUMBER = re.compile(r"[\"']?\+?(-?\d{1,12})(?:\.\d*+)?[\"']?", re.ASCII)
_LIKE_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)?", re.ASCII)

EXPIRES_MALFORMED = Rule(
    id="cookie-expires-malformed",
    severity="low",
    field=FIELD,
    message="The Expires of the cookie {name} is no date that browsers read: they ignore it.",
    why="The cookie lasts as if Expires had not been sent, mostly until the browser is closed.",
    fix="Send Max-Age, or a date like Thu, 01 Jan 2026 00:00:00 GMT",
    reference="RFC 6265bis section 5.1.1",
)
MAX_AGE_MALFORMED = Rule(
    id="cookie-max-age-malformed",
    severity="low",
    field=FIELD,
    message="The Max-Age of the cookie {name} is no whole number of seconds: browsers ignore it.",
    why="The cookie lasts as if Max-Age had not been sent, mostly until the browser is closed.",
    fix="Send the seconds in digits alone",
    reference="RFC 6265bis section 5.6.2",
)
CONTRADICTION = Rule(
    id="cookie-expires-contradicts-max-age",
    severity="low",
    field=FIELD,
    message="Expires and Max-Age of the cookie {name} disagree; Max-Age counts.",
    why="Clients that know Expires alone keep the cookie longer, or shorter, than all others.",
    fix="Send one of the two, or let both say the same",
    reference="RFC 6265bis section 4.1.2.2",
)
TWO_DIGIT_YEAR = Rule(
    id="cookie-expires-two-digit-year",
    severity="info",
    field=FIELD,
    message="The Expires of the cookie {name} has a year of two digits.",
    why="Clients differ in the century that they take it for.",
    fix="Write the year in four digits",
    reference="RFC 6265bis section 4.1.1",
)
CAPPED = Rule(
    id="cookie-lifetime-capped",
    severity="info",
    field=FIELD,
    message="The cookie {name} is to last {days} days; browsers keep it for 400 at most.",
    why="A server that counts on more finds visitors without the cookie.",
    fix="Send Max-Age=34560000 or less, and send it anew at each visit",
    reference="RFC 6265bis section 5.5",
)
RULES = (EXPIRES_MALFORMED, MAX_AGE_MALFORMED, CONTRADICTION, TWO_DIGIT_YEAR, CAPPED)


def find(sent: Sent) -> Iterator[Broken]:
    cookie, facts = sent.cookie, {"name": sent.name}
    if (bad := _malformed(cookie, "expires")) is not None:
        yield Broken(EXPIRES_MALFORMED, sent.spelt("expires", bad), {**facts})
    if (bad := _malformed(cookie, "max-age")) is not None:
        yield Broken(MAX_AGE_MALFORMED, sent.spelt("max-age", bad), {**facts})
    age, expires = cookie.max_age, cookie.expires
    dated = "" if expires is None else _counting(sent, "expires", parse_cookie_date)
    aged = "" if age is None else _counting(sent, "max-age", parse_max_age)
    if age is not None and expires is not None and sent.setting.by_date(_contradict, age, expires):
        yield Broken(CONTRADICTION, f"{aged}; {dated}", {**facts})
    if expires is not None and _LONG_YEAR.search(dated) is None:
        yield Broken(TWO_DIGIT_YEAR, dated, {**facts})
    days = _days_beyond(age, expires, sent.setting)
    if days is not None:
        yield Broken(CAPPED, aged or dated, {**facts, "days": f"{days:,}"})


def mend(parts: Parts, sent: Sent) -> Parts:
    """The attributes with one lifetime that browsers read, as long as they let it be."""
    has_age = any(named(parts, "max-age"))
    parts = tuple(part_of(mended) for part in parts if (mended := _read_anew(part, has_age=has_age)))
    ages = [age for value in named(parts, "max-age") if (age := parse_max_age(value)) is not None]
    dates = [date for value in named(parts, "expires") if (date := parse_cookie_date(value)) is not None]
    age, expires = ages[-1] if ages else None, dates[-1] if dates else None
    if _days_beyond(age, expires, sent.setting) is not None:
        return (*without(parts, "expires", "max-age"), part_of(f"Max-Age={_AGE_SECONDS}"))
    if age is not None and expires is not None and sent.setting.by_date(_contradict, age, expires):
        return without(parts, "expires")
    return parts


def _malformed(cookie: Cookie, attribute: str) -> str | None:
    """The first value that is not understood; an empty one asks for nothing."""
    for name, value in cookie.attributes:
        if name == attribute and value:
            read = parse_max_age(value) if name == "max-age" else parse_cookie_date(value)
            if read is None:
                return value
    return None


def _counting(sent: Sent, attribute: str, parse: Callable[[str], object]) -> str:
    """The last of the attribute that can be read, and so counts, as it was sent."""
    values = [value for name, value in sent.cookie.attributes if name == attribute]
    return sent.spelt(attribute, next(value for value in reversed(values) if parse(value) is not None))


def _contradict(age: int, expires: datetime, now: datetime | None) -> bool:
    if now is None:
        return age > 0 and expires <= DELETED_BEFORE
    if age <= 0 or expires <= now:
        return (age <= 0) != (expires <= now)
    return abs((expires - now).total_seconds() - age) > TOLERANCE.total_seconds()


def _days_beyond(age: int | None, expires: datetime | None, setting: Setting) -> int | None:
    """How many days the cookie is to last, where that is longer than browsers keep it; else None."""
    if age is not None:
        return age // 86_400 if age > _AGE_SECONDS else None
    return None if expires is None else setting.by_date(_days_beyond_limit, expires)


def _days_beyond_limit(expires: datetime, now: datetime | None) -> int | None:
    if now is None or expires - now <= AGE_LIMIT + TOLERANCE:
        return None
    return (expires - now).days


def _read_anew(part: Part, *, has_age: bool) -> str:
    """The attribute as it must have been meant; "" where nobody can tell."""
    lower, value = part.name, part.value
    if lower == "max-age" and value and parse_max_age(value) is None:
        match = _LIKE_A_NUMBER.fullmatch(value)
        return f"Max-Age={int(match[1])}" if match else ""
    if lower != "expires" or not value:
        return part.text
    date = parse_cookie_date(value)
    if date is not None:
        return part.text if _LONG_YEAR.search(value) else f"Expires={format_datetime(date, usegmt=True)}"
    if _LIKE_ISO.fullmatch(value):
        return _from_iso(value)
    match = _LIKE_A_NUMBER.fullmatch(value)
    return "Max-Age=0" if match and int(match[1]) <= 0 and not has_age else ""


def _from_iso(value: str) -> str:
    try:
        date = datetime.fromisoformat(value)
        date = date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
        return f"Expires={format_datetime(date, usegmt=True)}"
    except (ValueError, OverflowError):  # no such day, or one beyond the calendar in its own time zone
        return ""
