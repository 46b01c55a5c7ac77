"""Where a stored cookie is sent: its Domain and its Path (RFC 6265bis sections 4.1.2.3 and 4.1.2.4)."""

import re
from collections.abc import Iterator
from typing import Final

from workers.check import Rule
from workers.checks.set_cookie.sent import FIELD, Broken, Part, Parts, Sent, part_of, without
from workers.checks.set_cookie.session_names import looks_like_session

# What no path of a request holds: the URL parser ends the path there, or encodes it (WHATWG URL section 4.4).
_ENDS = re.compile(r"[?#]")
_ENCODED: Final = re.compile(r"[ \"<>`{}\t\x80-\xff]")
_ORIGIN = re.compile(r"[a-zA-Z]+://[^/]*+")

LEADING_DOT = Rule(
    id="cookie-domain-leading-dot",
    severity="info",
    field=FIELD,
    message="The Domain of the cookie {name} begins with a dot, which browsers take off.",
    why="The dot once told domains from hosts; now a Domain always holds the hosts below it.",
    fix="Write Domain without the dot",
    reference="RFC 6265bis section 5.7",
)
ADDRESS = Rule(
    id="cookie-domain-address",
    severity="info",
    field=FIELD,
    message="The Domain of the cookie {name} is an IP address: it says no more than no Domain would.",
    why="Nothing is below an address, and some clients refuse such a cookie.",
    fix="Remove Domain",
    reference="RFC 6265bis section 5.1.3",
)
WIDE_SESSION = Rule(
    id="session-cookie-with-domain",
    severity="info",
    field=FIELD,
    message="The cookie {name} looks like a session's and goes to {domain} and every host below it.",
    why="The weakest of those hosts, or one that was given away, can read and replace the session.",
    fix="Leave Domain out where no other host needs the session",
    reference="RFC 6265bis section 8.6",
)
PATH_IGNORED = Rule(
    id="cookie-path-ignored",
    severity="low",
    field=FIELD,
    message="The Path of the cookie {name} does not begin with a slash: browsers ignore it.",
    why="The directory of the page that set the cookie takes its place, so other pages do not get it.",
    fix="Begin Path with a slash",
    reference="RFC 6265bis section 5.6.4",
)
PATH_UNREACHABLE = Rule(
    id="cookie-path-unreachable",
    severity="low",
    field=FIELD,
    message="The Path of the cookie {name} has characters that no path of a request has: it is never sent.",
    why="A path ends before the query, and browsers percent-encode what is not plain in it.",
    fix="Write Path as browsers write the URL",
    reference="RFC 6265bis section 5.1.4",
)
RULES = (LEADING_DOT, ADDRESS, WIDE_SESSION, PATH_IGNORED, PATH_UNREACHABLE)


def find(sent: Sent) -> Iterator[Broken]:
    cookie = sent.cookie
    facts: dict[str, str] = {"name": sent.name, "domain": cookie.domain}
    domain, path = cookie.last("domain"), cookie.last("path")
    if cookie.domain:
        if sent.setting.is_address:
            yield Broken(ADDRESS, sent.spelt("domain", domain), facts)
        else:
            if domain and domain.startswith("."):
                yield Broken(LEADING_DOT, sent.spelt("domain", domain), facts)
            if looks_like_session(cookie.name):
                yield Broken(WIDE_SESSION, sent.spelt("domain", domain), facts, by_line=False)
    if path and not path.startswith("/"):
        yield Broken(PATH_IGNORED, sent.spelt("path", path), facts)
    elif path and _is_unreachable(path):
        yield Broken(PATH_UNREACHABLE, sent.spelt("path", path), facts)


def mend(parts: Parts, sent: Sent) -> Parts:
    """The attributes with the Domain and the Path that browsers take these for, or that were meant."""
    if sent.setting.is_address:
        parts = without(parts, "domain")
    return tuple(_mended(part) for part in parts)


def _mended(part: Part) -> Part:
    name, value, _ = part
    if name == "domain" and value.startswith("."):
        return part_of(f"{part.spelt}={value.lstrip('.')}")
    if name != "path" or not value or (value.startswith("/") and not _is_unreachable(value)):
        return part
    bare = value.strip("\"' \t")
    bare = _ENDS.split(_ORIGIN.sub("", bare, count=1), maxsplit=1)[0]
    encoded = _ENCODED.sub(lambda match: f"%{ord(match[0]):02X}", bare)
    return part_of(f"{part.spelt}=/{encoded.removeprefix('/')}")


def _is_unreachable(path: str) -> bool:
    return _ENDS.search(path) is not None or _ENCODED.search(path) is not None
