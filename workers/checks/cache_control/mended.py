"""The one corrected Cache-Control line that all findings about the field give.

It says what was meant: spelling and form put right, and of what contradicts itself the safer part. Pasting it
for one finding mends the others too.
"""

import re
from difflib import get_close_matches
from functools import lru_cache
from typing import Final

from workers.check import removal
from workers.checks.cache_control.policy import (
    FIELD,
    KNOWN,
    LISTS,
    SECONDS,
    Policy,
    age,
    effective,
    forbids_storing,
    governs_all,
    is_left_to_heuristics,
    overruled,
    shared_caches_store,
)
from workers.response import Response
from workers.syntax.cache_control import (
    MEMBERS_LIMIT,
    SECONDS_LIMIT,
    CacheControl,
    Directive,
    parse_cache_control,
    parse_seconds,
)
from workers.syntax.head import TOKEN

YEAR_S: Final = 31_536_000  # what is written for "for ever"
ERROR_KEPT_S: Final = 3_600  # an error that outlives its cause by an hour is no protection from load any more
VARY_LIMIT: Final = 2_048  # characters: as much of Vary as is judged
SERVER_FAILED: Final = 500  # RFC 9110 section 15.6
REQUEST_ONLY = frozenset({"max-stale", "min-fresh", "only-if-cached"})
RETIRED = frozenset({"post-check", "pre-check"})

_LETTERS = re.compile(r"[^a-z]+")
_SPELT = {_LETTERS.sub("", name): name for name in KNOWN}
_LENGTH_LIMIT: Final = 24  # no directive is longer: what is, is not a misspelt one
_ALIKE: Final = 0.85
_UNIT_S: Final = {"": 1, "s": 1, "sec": 1, "seconds": 1, "m": 60, "h": 3_600, "d": 86_400}
_PERIOD = re.compile(r"(\d{1,9})(?:\.\d*)?[ ]?([a-z]*)", re.ASCII)
_SAFE_S: Final = "0"


def mended_line(response: Response) -> str:
    """The line, or the field's removal where nothing is left that a cache would understand."""
    policy = _meant(response.combined(FIELD) or "")
    if keeps_error(response, policy):
        policy = {"no-store": None}
    if cookies_stored(response, policy) or authorised_is_public(response, policy):
        policy["private"] = None
    elif is_guessed(response, policy):
        if response.values("set-cookie"):
            policy["private"] = None
        policy["no-cache"] = None
    elif pragma_stands_alone(response):
        policy["no-cache"] = None
    if "must-understand" in policy:
        policy.setdefault("no-store", None)
    while lost := dict(overruled(policy)):
        policy = {name: value for name, value in policy.items() if name not in lost}
    written = ", ".join(_written(name, value) for name, value in policy.items())
    return f"{FIELD}: {written}" if written else removal(FIELD)


def cookies_stored(response: Response, policy: Policy) -> bool:
    """Whether shared caches may give one visitor's cookies to others."""
    return bool(response.values("set-cookie")) and shared_caches_store(response, policy, "set-cookie")


def authorised_is_public(response: Response, policy: Policy) -> bool:
    """Whether what differs by who is logged in may be stored for all."""
    vary = response.combined("vary")
    if vary is None or "authorization" not in map(str.strip, vary[:VARY_LIMIT].lower().split(",")):
        return False
    opened = "public" in policy or age(policy, "s-maxage") > 0
    return opened and not (forbids_storing(policy) or governs_all(policy, "private"))


def keeps_error(response: Response, policy: Policy) -> bool:
    """Whether caches keep a server's failure for long."""
    if response.status < SERVER_FAILED:
        return False
    kept = max(age(policy, "max-age"), age(policy, "s-maxage"))
    return kept > ERROR_KEPT_S and not forbids_storing(policy)


def is_guessed(response: Response, policy: Policy) -> bool:
    """Whether it is a page whose time to be kept any cache may make up."""
    return response.is_page and is_left_to_heuristics(response, policy) and not governs_all(policy, "private")


def pragma_stands_alone(response: Response) -> bool:
    """Whether Pragma asks for what Cache-Control, which alone counts, is not there to ask for."""
    pragma = response.combined("pragma")
    return pragma is not None and not response.values(FIELD) and "no-cache" in pragma.lower()


@lru_cache(maxsize=256)
def intended(name: str) -> str | None:
    """The directive that a misspelt one (in lower case) was meant to be; None where there is none like it."""
    if len(name) > _LENGTH_LIMIT:
        return None
    spelt = _SPELT.get(_LETTERS.sub("", name))
    return spelt or next(iter(get_close_matches(name, sorted(KNOWN), 1, _ALIKE)), None)


def field_names(value: str) -> list[str]:
    """The names in a directive's list of fields that can be names of fields."""
    parts = (part.strip(" \t") for part in value.split(","))
    return [part for part in parts if TOKEN.fullmatch(part)]


def _meant(value: str) -> dict[str, str | None]:
    return effective(tuple(map(_spelt, _salvaged(parse_cache_control(value)))))


def _salvaged(read: CacheControl) -> tuple[Directive, ...]:
    """The directives, and those in what is none: with ";" or a space for ",", with ":" or spaces for "="."""
    if not read.malformed:
        return read.directives
    parts = (" ".join(part.replace('"', "").split()) for part in read.malformed)
    words = re.sub(" ?[=:] ?", "=", ",".join(parts)).replace(";", ",").replace(" ", ",").split(",")
    again = ",".join([word for word in words if word][:MEMBERS_LIMIT])
    return read.directives + parse_cache_control(again).directives


def _spelt(directive: Directive) -> Directive:
    name = directive.name
    if name not in KNOWN and name not in REQUEST_ONLY and name not in RETIRED:
        name = intended(name) or name
    value = directive.value
    if name in SECONDS:
        value = _seconds(value or "")
    elif name in LISTS and value:
        value = ", ".join(field_names(value)) or None
    return Directive(name, value, directive.quoted, directive.text)


def _seconds(value: str) -> str:
    """The number that was meant, where that can be told; else what caches take it for."""
    seconds = parse_seconds(value)
    if seconds is None:
        match = _PERIOD.fullmatch(value.strip(" \t").lower())
        unit = None if match is None else _UNIT_S.get(match[2])
        seconds = int(match[1]) * unit if match is not None and unit is not None else int(_SAFE_S)
    return str(YEAR_S if seconds > SECONDS_LIMIT else seconds)


def _written(name: str, value: str | None) -> str:
    if value is None:
        return name
    return f'{name}="{value}"' if name in LISTS else f"{name}={value}"
