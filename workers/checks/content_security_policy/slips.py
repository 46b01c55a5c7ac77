"""Slips in how policies are written: where each rule about that is first broken. `respelt` mends them."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from workers.checks.content_security_policy.sources import SEMICOLON, read_source, slips_of
from workers.checks.content_security_policy.vocabulary import (
    KNOWN,
    NAMES_IN_FULL,
    RETIRED,
    SANDBOX_FLAGS,
    SOURCE_LISTS,
    VALUELESS,
    nearest_directive,
)
from workers.syntax.content_security_policy import Policy, parse_policies

UNKNOWN_DIRECTIVE: Final = "csp-directive-unknown"
RETIRED_DIRECTIVE: Final = "csp-directive-retired"
REPEATED_DIRECTIVE: Final = "csp-directive-repeated"
SKIPPED_DIRECTIVE: Final = "csp-directive-not-ascii"
SOURCE_AS_DIRECTIVE: Final = "csp-source-as-directive"
VALUE_IGNORED: Final = "csp-directive-value-ignored"
PLAIN_REPORTS: Final = "csp-reports-over-http"
UNKNOWN_FLAG: Final = "csp-sandbox-flag-unknown"
TRUSTED_TYPES_VALUE: Final = "csp-trusted-types-value"

SCRIPT_SINKS: Final = "'script'"  # the one group of sinks that there is (Trusted Types section 4.2)

Slip = tuple[str, str, str]


@lru_cache(maxsize=64)  # each check asks for the slips of the same header and takes those that are its own
def slips_in(values: tuple[str, ...], is_https: bool) -> Mapping[str, tuple[str, str]]:
    """The first place of each slip by the id of its rule: the directive and the source (or once more it)."""
    found: dict[str, tuple[str, str]] = {}
    for policy in parse_policies(values):
        for slip, directive, source in _slips_of(policy, is_https):
            found.setdefault(slip, (directive, source))
    return MappingProxyType(found)


def wants_https(policy: Policy, is_https: bool) -> bool:
    """Whether plain http in the policy is worse than what the page itself came over."""
    return is_https and VALUELESS not in policy.directives


def stands_for_source(name: str) -> bool:
    """Whether a directive's name is a source that strayed there, and no misspelt name."""
    if name in KNOWN or nearest_directive(name) is not None:
        return False
    return any(sign in name for sign in "'.:/*") and read_source(name).slip is None


def _slips_of(policy: Policy, is_https: bool) -> Iterator[Slip]:
    for name in policy.repeated[:1]:
        yield REPEATED_DIRECTIVE, name, name
    for text in policy.skipped[:1]:
        yield SKIPPED_DIRECTIVE, text, text
    is_secure = wants_https(policy, is_https)
    for name, values in policy.directives.items():
        if name not in KNOWN:
            yield _unknown(name), name, name
        elif name in SOURCE_LISTS:
            for slip, source in slips_of(name, values, is_secure):
                yield slip, name, source
        elif name != "trusted-types":  # whose values are names that the site chose
            yield from _slips_of_other(name, values, is_https)


def _unknown(name: str) -> str:
    if name in RETIRED:
        return RETIRED_DIRECTIVE
    return SOURCE_AS_DIRECTIVE if stands_for_source(name) else UNKNOWN_DIRECTIVE


def _slips_of_other(name: str, values: tuple[str, ...], is_https: bool) -> Iterator[Slip]:
    swallowed = next((value for value in values if value.lower() in NAMES_IN_FULL), None)
    if swallowed is not None:
        yield SEMICOLON, name, swallowed
    elif name == VALUELESS and values:
        yield VALUE_IGNORED, name, values[0]
    elif name == "report-uri":
        plain = next((value for value in values if is_https and is_plain_url(value)), None)
        if plain is not None:
            yield PLAIN_REPORTS, name, plain
    elif name == "sandbox":
        unknown = next((value for value in values if value.lower() not in SANDBOX_FLAGS), None)
        if unknown is not None:
            yield UNKNOWN_FLAG, name, unknown
    elif name == "require-trusted-types-for" and values != (SCRIPT_SINKS,):
        yield TRUSTED_TYPES_VALUE, name, " ".join((name, *values))


def is_plain_url(text: str) -> bool:
    return text[:7].lower() == "http://"
