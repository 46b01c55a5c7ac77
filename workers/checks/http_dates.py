"""Date, Last-Modified and Expires (RFC 9110 sections 5.6.7, 6.6.1 and 8.8.2, RFC 9111 section 5.3)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz
from typing import Final

from workers.check import Check, Rule, removal
from workers.model import Finding
from workers.response import Response
from workers.syntax.cache_control import parse_seconds
from workers.syntax.http_date import HttpDate, format_http_date, parse_http_date

DATE, MODIFIED, EXPIRES = "Date", "Last-Modified", "Expires"
FIELDS = (DATE, MODIFIED, EXPIRES)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)  # what stands for "already"
AT_ONCE = frozenset({"0", "-1"})  # what many write for it in Expires
TOLERANCE_S: Final = 60  # clocks of a fleet are so far apart at times
CLOCK_TOLERANCE_S: Final = 300  # a URL takes half a minute at most; beyond that Kerberos would balk too
DATE_LIMIT: Final = 64  # characters: no form of a date has more
DATED_STATUSES = range(200, 500)  # where an origin server with a clock must send Date

MALFORMED = Rule(
    id="http-date-malformed",
    severity="low",
    field=MODIFIED,
    message="{name} is no HTTP date; caches {do}.",
    why="One form is to be sent: Sun, 06 Nov 1994 08:49:37 GMT, always in GMT, with two digits for the day.",
    fix="Send the date in the form Sun, 06 Nov 1994 08:49:37 GMT",
    reference="RFC 9110 section 5.6.7",
)
OBSOLETE = Rule(
    id="http-date-obsolete",
    severity="info",
    field=DATE,
    message="{name} is written in a form that is read still and must not be sent any more.",
    why="Years of two digits are read as one century or the other.",
    fix="Send the date in the form Sun, 06 Nov 1994 08:49:37 GMT",
    reference="RFC 9110 section 5.6.7",
)
REPEATED = Rule(
    id="http-date-repeated",
    severity="low",
    field=EXPIRES,
    message="{name} was sent {count} times with different dates; which one counts is up to the client.",
    why="There is one date of each kind; layers that add their own hide each other's.",
    fix="Send the field once",
    reference="RFC 9110 section 5.3",
)
EXPIRES_NUMBER = Rule(
    id="expires-number",
    severity="info",
    field=EXPIRES,
    message="Expires is a number and no date; caches take it for past, as was probably meant.",
    why="Recipients must take invalid dates, 0 above all, for past; max-age=0 says it in a valid way.",
    fix=f"{EXPIRES}: {format_http_date(LONG_AGO)}",
    reference="RFC 9111 section 5.3",
)
DATE_MISSING = Rule(
    id="date-missing",
    severity="info",
    field=DATE,
    message="There is {name} and no Date, which it is measured by.",
    why="A cache then has to take the time of receipt, which differs from cache to cache.",
    fix="Let the server send Date",
    reference="RFC 9110 section 6.6.1",
)
MODIFIED_LATER = Rule(
    id="last-modified-in-future",
    severity="low",
    field=MODIFIED,
    message="Last-Modified is later than Date: it says that the content was changed after it was sent.",
    why="Clients that ask If-Modified-Since with it miss the changes until then.",
    fix="Send the time of the last change, or of the response",
    reference="RFC 9110 section 8.8.2.1",
)


DATE_OFF = Rule(
    id="date-far-off",
    severity="info",
    field=DATE,
    message="Date, with Age added, is {seconds} seconds {direction} the time at which the response came.",
    why="Either the server's clock is wrong, or a cache keeps responses and does not say so by Age.",
    fix="Set the server's clock by NTP, and let caches send Age",
    reference="RFC 9110 section 6.6.1",
)


def run(response: Response) -> Iterator[Finding]:
    if not response.ask(_are_sound):
        yield from _judge(response)
    elif response.has(EXPIRES) and not response.passes("expires"):
        values = response.values(EXPIRES)
        yield from _judge_form(response, EXPIRES, values, parse_http_date(values[0]))
    if not response.has(DATE) and response.status in DATED_STATUSES:
        name = next(filter(response.has, FIELDS), None)
        if name is not None:
            yield DATE_MISSING.found(name=name)


def _are_sound(response: Response) -> bool:
    """Whether the dates that pass give no cause to be told of, as most give none."""
    dates = response.dates
    if None in dates.values():
        return False
    sent = dates.get("date")
    if sent is None:
        return True
    modified = dates.get("last-modified")
    if modified is not None and modified - sent > TOLERANCE_S:
        return False
    return abs(_seconds_ahead(response, sent)) <= CLOCK_TOLERANCE_S


def _judge(response: Response) -> Iterator[Finding]:
    dates: dict[str, HttpDate | None] = {}
    for name in FIELDS:
        values = response.values(name)
        if not values:
            continue
        date = dates[name] = parse_http_date(values[0])
        if date is None or date.obsolete or len(values) > 1:
            yield from _judge_form(response, name, values, date)
    sent = dates.get(DATE)
    if sent is None:
        return
    ahead = _seconds_ahead(response, sent.epoch_s)
    if abs(ahead) > CLOCK_TOLERANCE_S:
        direction = "after" if ahead > 0 else "before"
        yield DATE_OFF.found(response.values(DATE)[0], seconds=abs(ahead), direction=direction)
    modified = dates.get(MODIFIED)
    if modified is not None and modified.epoch_s - sent.epoch_s > TOLERANCE_S:
        evidence = response.values(MODIFIED)[0]
        yield MODIFIED_LATER.found(evidence, fix=_mended(response, MODIFIED))


def _judge_form(
    response: Response, name: str, values: tuple[str, ...], date: HttpDate | None
) -> Iterator[Finding]:
    fix = _mended(response, name)
    if len(set(values)) > 1:
        yield REPEATED.found(", ".join(values[:2]), field=name, name=name, count=len(values), fix=fix)
    if date is None:
        if name == EXPIRES and values[0] in AT_ONCE:
            yield EXPIRES_NUMBER.found(values[0], fix=fix)
        else:
            do = "take the response for stale" if name == EXPIRES else "may ignore it"
            yield MALFORMED.found(values[0], field=name, name=name, do=do, fix=fix)
    elif date.obsolete:
        yield OBSOLETE.found(values[0], field=name, name=name, fix=fix)


def _seconds_ahead(response: Response, date_s: int) -> int:
    """How far the clock that wrote Date is ahead of ours; 0 where nobody knows."""
    at_s = response.at_s
    if at_s is None:
        return 0
    age = parse_seconds(response.values("age")[0]) if response.passes("age") else 0
    return int(date_s + (age or 0) - at_s)


def _mended(response: Response, name: str) -> str | None:
    """The one corrected line of a field: the date as it was meant, and no change after the response."""
    meant = _meant(response, name)
    if meant is None:
        if name == DATE:
            return None
        return removal(name) if name == MODIFIED else f"{name}: {format_http_date(LONG_AGO)}"
    sent = _meant(response, DATE) if name == MODIFIED else None
    return f"{name}: {format_http_date(meant if sent is None else min(meant, sent))}"


def _meant(response: Response, name: str) -> datetime | None:
    values = response.values(name)
    if not values:
        return None
    date = parse_http_date(values[0])
    return _read_freely(values[0]) if date is None else date.moment


def _read_freely(text: str) -> datetime | None:
    """A date as mail writes it (RFC 5322), whose zone counts, and of many slips besides."""
    parts = parsedate_tz(text) if len(text) <= DATE_LIMIT else None
    if parts is None:
        return None
    try:
        moment = datetime(*parts[:6], tzinfo=UTC)
        return moment - timedelta(seconds=parts[9] or 0)
    except (ValueError, OverflowError):  # no such day, or no such year
        return None


CHECK = Check(
    id="http-dates",
    title="Date, Last-Modified and Expires",
    why="Caches compute with these dates: one that is wrong keeps pages too long, or never.",
    reference="RFC 9110 section 5.6.7",
    rules=(MALFORMED, OBSOLETE, REPEATED, EXPIRES_NUMBER, DATE_MISSING, DATE_OFF, MODIFIED_LATER),
    run=run,
)
