"""What caches make of a response: its directives as they count, and how long it stays fresh.

Owns which response directives there are (the IANA registry of RFC 9111 section 7.1.4, with RFC 5861 and
RFC 8246), and which of them take the effect of others away.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from workers.response import Response
from workers.syntax.cache_control import Directive, is_readable, parse_cache_control, parse_seconds
from workers.syntax.http_date import parse_http_date

FIELD: Final = "Cache-Control"
SECONDS = frozenset({"max-age", "s-maxage", "stale-if-error", "stale-while-revalidate"})
LISTS = frozenset({"no-cache", "private"})  # they govern all, or a list of fields only
FLAGS = frozenset(
    {
        "immutable",
        "must-revalidate",
        "must-understand",
        "no-store",
        "no-transform",
        "proxy-revalidate",
        "public",
    }
)
KNOWN = SECONDS | LISTS | FLAGS
# RFC 9110 section 15.1: a cache may make up a lifetime for these by itself.
HEURISTIC_STATUSES = frozenset({200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501})

_STALE = ("stale-if-error", "stale-while-revalidate")
_POLICIES_KEPT: Final = 512

Policy = Mapping[str, str | None]  # by name: digits, fields with commas between, or None


def read_policy(response: Response) -> Policy:
    """The directives that count: known ones, the first of repeated seconds, the wider of two forms.

    Empty where the value is longer than any that is read.
    """
    value = response.combined(FIELD)
    return _read(value) if value and is_readable(value) else {}


@lru_cache(maxsize=_POLICIES_KEPT)
def _read(value: str) -> Policy:
    return effective(parse_cache_control(value).directives)


def effective(directives: tuple[Directive, ...]) -> dict[str, str | None]:
    """What caches keep of the directives. Seconds that are no number make stale (section 4.2.1): "0"."""
    policy: dict[str, str | None] = {}
    for directive in directives:
        name, value = directive.name, directive.value or None
        if name in SECONDS:
            seconds = parse_seconds(value or "")
            policy.setdefault(name, str(seconds or 0))
        elif name in LISTS:
            before = policy.get(name, "")
            policy[name] = None if before is None or value is None else f"{before}, {value}".lstrip(", ")
        elif name in FLAGS:
            policy[name] = None
    return policy


def age(policy: Policy, name: str) -> int:
    """The seconds of a directive; 0 where it is not there."""
    return int(policy.get(name) or 0)


def governs_all(policy: Policy, name: str) -> bool:
    """Whether the directive is there without a list of fields."""
    return name in policy and policy[name] is None


def forbids_storing(policy: Policy) -> bool:
    """Whether no cache keeps it. With must-understand those that know the status may (section 5.2.2.3)."""
    return "no-store" in policy and "must-understand" not in policy


def overruled(policy: Policy) -> Iterator[tuple[str, str]]:
    """Each directive that another one takes the effect of, with that other's name."""
    if forbids_storing(policy):
        yield from ((name, "no-store") for name in ("public", "immutable", *_STALE) if name in policy)
        yield from ((name, "no-store") for name in ("max-age", "s-maxage") if age(policy, name))
        return
    if governs_all(policy, "private"):
        if "public" in policy:
            yield "public", "private"
        if age(policy, "s-maxage"):  # zero asks for the same as private does
            yield "s-maxage", "private"
    revalidates = next((name for name in ("must-revalidate", "no-cache") if governs_all(policy, name)), None)
    if revalidates is not None:
        yield from ((name, revalidates) for name in _STALE if name in policy)
    if "immutable" in policy:
        if governs_all(policy, "no-cache"):
            yield "immutable", "no-cache"
        elif not (age(policy, "max-age") or age(policy, "s-maxage")):
            yield "immutable", "max-age"


def date_of(response: Response, name: str) -> int | None:
    """The date that a field tells, in seconds since the epoch: the first where it is repeated, None where it
    tells none."""
    values = response.values(name)
    date = parse_http_date(values[0]) if values else None
    return None if date is None else date.epoch_s


def explicit_lifetime(response: Response, policy: Policy, *, shared: bool) -> int | None:
    """The seconds for which it is said to be fresh (section 4.2.1); None where it is not, or unknown."""
    for name in ("s-maxage", "max-age") if shared else ("max-age",):
        if name in policy:
            return age(policy, name)
    return response.ask(lifetime_by_dates) if response.has("expires") else None


def lifetime_by_dates(response: Response) -> int | None:
    """The seconds from Date to Expires, a question; 0 where it is over or invalid, None without Date."""
    plain = response.dates
    expires_s, date_s = plain.get("expires"), plain.get("date")
    if expires_s is None:
        expires_s = date_of(response, "expires")
    if date_s is None:
        date_s = date_of(response, "date")
    if expires_s is None:
        return 0  # section 5.3: an invalid date is one in the past
    return None if date_s is None else max(expires_s - date_s, 0)


def is_left_to_heuristics(response: Response, policy: Policy) -> bool:
    """Whether caches have to make up how long it is fresh, and have a date to do so (section 4.2.2)."""
    said = policy.keys() & {"no-store", "max-age", "s-maxage"} or governs_all(policy, "no-cache")
    return (
        not said
        and response.status in HEURISTIC_STATUSES
        and not response.has("expires")
        and response.has("last-modified")
        and response.ask(_tells_last_change)
    )


def shared_caches_store(response: Response, policy: Policy, field: str = "") -> bool:
    """Whether a shared cache may answer others with it, without asking, and with `field` (in lower case)."""
    if forbids_storing(policy) or governs_all(policy, "private") or governs_all(policy, "no-cache"):
        return False
    if any(field and field in _fields(policy, name) for name in LISTS):
        return False
    for name in ("s-maxage", "max-age"):
        if name in policy:
            return age(policy, name) > 0
    return response.ask(_is_fresh_by_dates) if response.has("expires") else "public" in policy


def _is_fresh_by_dates(response: Response) -> bool:
    return bool(lifetime_by_dates(response))


def _tells_last_change(response: Response) -> bool:
    return date_of(response, "last-modified") is not None


def _fields(policy: Policy, name: str) -> list[str]:
    return [part.strip(" \t").lower() for part in (policy.get(name) or "").split(",")]
