"""What the cookies of one response are together: too many, too much to send back, one in another's way."""

from collections.abc import Collection, Iterator
from typing import Final

from workers.check import Rule
from workers.checks.set_cookie.sent import FIELD
from workers.model import Finding
from workers.syntax.cookie_store import Stored, serialized

LIMIT: Final = 50  # cookies judged: what RFC 6265bis section 6.1 asks browsers to keep of a host
HEADER_LIMIT: Final = 8_192  # octets: what common servers accept as one header line

SET_TWICE = Rule(
    id="cookie-set-twice",
    severity="low",
    field=FIELD,
    message="The response sets the cookie {name} more than once, differently; the last line counts.",
    why="Two parts of the server disagree; clients that take the first line have another cookie.",
    fix="Send one line for the cookie",
    reference="RFC 6265bis section 4.1.1",
)
TOO_MANY = Rule(
    id="cookies-too-many",
    severity="low",
    field=FIELD,
    message="The response sets {count} cookies; browsers need not keep more than 50 of a domain.",
    why="Those that are too many push others out, a session's too.",
    fix="Keep the data on the server, or in one cookie",
    reference="RFC 6265bis section 6.1",
)
TOO_MUCH = Rule(
    id="cookies-too-large-together",
    severity="medium",
    field=FIELD,
    message="The cookies of the response make a Cookie header of {size:,} octets with each request.",
    why="Many servers refuse requests with a header line over 8 KiB: the visitor is locked out.",
    fix="Keep the data on the server, and send an id of it",
    reference="RFC 6265bis section 6.1",
)
RULES = (SET_TWICE, TOO_MANY, TOO_MUCH)


def find(count: int, kept: Collection[Stored]) -> Iterator[Finding]:
    """About `count` lines, of which `kept` are the cookies that a browser has afterwards."""
    if count > LIMIT:
        yield TOO_MANY.found(count=count)
    size = sum(len(serialized(cookie)) for cookie in kept) + 2 * max(len(kept) - 1, 0)
    if size > HEADER_LIMIT:
        yield TOO_MUCH.found(size=size)
