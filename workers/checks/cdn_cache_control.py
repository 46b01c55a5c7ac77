"""CDN-Cache-Control and its like (RFC 9213): what delivery networks are told apart from other caches.

Unlike Cache-Control these are structured fields: a fault anywhere in one, and caches ignore it whole.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from workers.check import Check, Rule, removal
from workers.checks.cache_control.policy import FLAGS, KNOWN, LISTS, SECONDS
from workers.model import Finding
from workers.response import Response
from workers.syntax.cache_control import LIMIT, SECONDS_LIMIT, parse_cache_control, parse_seconds
from workers.syntax.structured_fields import InvalidStructuredField, parse

FIELD = "CDN-Cache-Control"
FIELDS = (
    FIELD,
    "Cloudflare-CDN-Cache-Control",
    "Netlify-CDN-Cache-Control",
    "Vercel-CDN-Cache-Control",
)
# Addressed to the cache in front of the origin, which ought to take them off what it sends on.
CONSUMED = ("Surrogate-Control", "Edge-Control")
NAMED_LIMIT: Final = 5

Members = dict[str, object]

MALFORMED = Rule(
    id="cdn-cache-control-malformed",
    severity="low",
    field=FIELD,
    message="{name} is no structured field, so networks ignore it and go by Cache-Control.",
    why="Names are in lower case, and no comma, quote or sign may be out of place.",
    fix="Write it as max-age=60, private",
    reference="RFC 9213 section 2.1",
)
INVALID = Rule(
    id="cdn-cache-directive-invalid",
    severity="low",
    field=FIELD,
    message="In {name} the value of {directives} is of the wrong kind, so the directive does not count.",
    why="Seconds are whole numbers without quotes; flags have no value.",
    fix="Write it as max-age=60, private",
    reference="RFC 9213 section 2.1",
)
COOKIES = Rule(
    id="cookies-cacheable-by-cdn",
    severity="medium",
    field=FIELD,
    message="The response sets cookies, and {name} lets the network store it: others can get the cookies.",
    why="Set-Cookie does not keep a response out of caches; one visitor's session can become everybody's.",
    fix="Send no-store, or private, with what sets cookies",
    reference="RFC 9111 section 7.3",
)
NOT_CONSUMED = Rule(
    id="surrogate-control-passed-on",
    severity="info",
    field=CONSUMED[0],
    message="{name} is meant for the cache in front of the origin, and came through to the client.",
    why="Either there is no such cache, or it does not know the field; it tells how the site is built.",
    fix=removal(CONSUMED[0]),
    reference="https://www.w3.org/TR/edge-arch/",
)


def run(response: Response) -> Iterator[Finding]:
    for name in FIELDS:
        value = response.combined(name)
        if value is not None and len(value) <= LIMIT:
            yield from _judge(response, name, value)
    for name in CONSUMED:
        values = response.values(name)
        if values:
            yield NOT_CONSUMED.found(values[0], field=name, name=name, fix=removal(name))


def _judge(response: Response, name: str, value: str) -> Iterator[Finding]:
    sets_cookies = bool(response.values("set-cookie"))
    members = _parse(value)
    if members is None:
        fix = _line(name, _salvaged(value), sets_cookies=sets_cookies)
        yield MALFORMED.found(value, field=name, name=name, fix=fix)
        return
    fix = _line(name, members, sets_cookies=sets_cookies)
    wrong = [key for key, member in members.items() if not _is_valid(key, member)]
    if wrong:
        listed = ", ".join(wrong[:NAMED_LIMIT])
        yield INVALID.found(value, field=name, name=name, directives=listed, fix=fix)
    if sets_cookies and _is_stored(members):
        yield COOKIES.found(value, field=name, name=name, fix=fix)


def _parse(value: str) -> Members | None:
    """The members without their parameters, which mean nothing here; None where the field does not parse."""
    try:
        parsed: Any = parse(value, "dictionary")
    except InvalidStructuredField:
        return None
    return {key: member[0] for key, member in parsed.items()}


def _is_valid(key: str, member: object) -> bool:
    if key in SECONDS:
        return isinstance(member, int) and not isinstance(member, bool) and member >= 0
    if key in FLAGS:
        return isinstance(member, bool)
    return not (key in LISTS and isinstance(member, int | Decimal) and not isinstance(member, bool))


def _is_stored(members: Members) -> bool:
    """Whether the network may use the response for others."""
    if any(members.get(key) is True for key in ("no-store", "private", "no-cache")):
        return False
    ages = [
        members[key] for key in ("s-maxage", "max-age") if key in members and _is_valid(key, members[key])
    ]
    return bool(ages and ages[0])


def _salvaged(value: str) -> Members:
    """What was meant by a value that does not parse, read as Cache-Control is."""
    read = parse_cache_control(value.replace(";", ","))
    return {
        directive.name: True if directive.value is None else directive.value
        for directive in read.directives
        if directive.name in KNOWN
    }


def _line(name: str, members: Members, *, sets_cookies: bool) -> str:
    """The corrected line: what is valid, what can be made so, and no cookies for others."""
    kept: Members = {}
    for key, member in members.items():
        if key in SECONDS:
            seconds = _seconds(member)
            if seconds is not None:
                kept[key] = seconds
        elif key in FLAGS:
            if member is not False:
                kept[key] = True
        elif key in LISTS and isinstance(member, bool | str):
            kept[key] = member
    if sets_cookies and _is_stored(kept):
        kept["private"] = True
        kept.pop("public", None)
    written = ", ".join(_written(key, member) for key, member in kept.items())
    return f"{name}: {written}" if written else removal(name)


def _seconds(member: object) -> int | None:
    if isinstance(member, bool):
        return None
    if isinstance(member, int | Decimal):
        return min(max(int(member), 0), SECONDS_LIMIT)
    seconds = parse_seconds(str(member))
    return None if seconds is None else min(seconds, SECONDS_LIMIT)


def _written(key: str, member: object) -> str:
    if member is True:
        return key
    if member is False:
        return f"{key}=?0"
    if not isinstance(member, str):
        return f"{key}={member}"
    plain = member.encode("ascii", errors="ignore").decode()
    return '{}="{}"'.format(key, plain.replace("\\", "").replace('"', ""))


CHECK = Check(
    id="cdn-cache-control",
    title="CDN-Cache-Control and Surrogate-Control",
    why="What networks keep goes to many visitors at once: a slip here outweighs Cache-Control.",
    reference="RFC 9213",
    rules=(MALFORMED, INVALID, COOKIES, NOT_CONSUMED),
    run=run,
    needs=(*FIELDS, *CONSUMED),
)
