"""Policies with every slip put right as it was meant; what browsers skip anyhow is left out."""

import re
from typing import Final

from workers.checks.content_security_policy.slips import (
    SCRIPT_SINKS,
    is_plain_url,
    stands_for_source,
    wants_https,
)
from workers.checks.content_security_policy.sources import (
    INVALID_SOURCE,
    RETIRED_KEYWORD,
    UNKNOWN_KEYWORD,
    UNQUOTED_KEYWORD,
    WITH_QUERY,
    Source,
    has_effect,
    read_source,
    slips_of,
)
from workers.checks.content_security_policy.vocabulary import (
    KNOWN,
    NAMES_IN_FULL,
    RETIRED,
    RETIRED_KEYWORDS,
    SANDBOX_FLAGS,
    SOURCE_LISTS,
    VALUELESS,
    nearest_directive,
    nearest_keyword,
    nearest_sandbox_flag,
)
from workers.syntax.content_security_policy import Policy

ROUNDS: Final = 4  # a source may need quotes, then today's keyword for an old one; none needs more
_PLAIN = re.compile(r"(http|ws):", re.IGNORECASE)
_QUERY = re.compile(r"[?#]")

Directives = dict[str, tuple[str, ...]]


def without_slips(policies: tuple[Policy, ...], is_https: bool) -> tuple[Policy, ...]:
    """The policies as they were meant; one at least, if any was given. A repeat is left out."""
    respelt: list[Directives] = []
    for policy in policies:
        directives: Directives = {}
        for given, values in policy.directives.items():
            if stands_for_source(given):
                _return(given, values, directives or (respelt[-1] if respelt else {}))
                continue
            for name, part in _parted(given, values):
                meant = _meant_name(name)
                if meant is not None and (meant == name or meant not in policy.directives):
                    directives.setdefault(meant, part)
        if directives:
            respelt.append(directives)
    if policies and not respelt:
        return (Policy({"default-src": ("'self'",)}),)
    return tuple(_respelt(Policy(directives), is_https) for directives in respelt)


def _return(source: str, values: tuple[str, ...], directives: Directives) -> None:
    """A source that a comma or semicolon parted from its list goes back there, with those after it."""
    last = next(reversed(directives), None)
    if last in SOURCE_LISTS:
        directives[last] = (*directives[last], source, *values)


def _parted(name: str, values: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
    """The directive, and those that it swallowed for want of a semicolon, each with its own values."""
    places = [place for place, value in enumerate(values) if value.lower() in NAMES_IN_FULL]
    if not places or name == "trusted-types":
        return [(name, values)]
    parts = [(name, values[: places[0]])]
    for place, end in zip(places, [*places[1:], len(values)], strict=True):
        parts.append((values[place].lower(), values[place + 1 : end]))
    return parts


def _meant_name(given: str) -> str | None:
    if given in KNOWN:
        return given
    return None if given in RETIRED else nearest_directive(given)


def _respelt(policy: Policy, is_https: bool) -> Policy:
    is_secure = wants_https(policy, is_https)
    return Policy(
        {
            name: _sources(name, values, is_secure)
            if name in SOURCE_LISTS
            else _other_values(name, values, is_https)
            for name, values in policy.directives.items()
        }
    )


def _other_values(name: str, values: tuple[str, ...], is_https: bool) -> tuple[str, ...]:
    if name == VALUELESS:
        return ()
    if name == "require-trusted-types-for":
        return (SCRIPT_SINKS,)
    if name == "report-uri" and is_https:
        return tuple(f"https{value[4:]}" if is_plain_url(value) else value for value in values)
    if name == "sandbox":
        meant = (value if value.lower() in SANDBOX_FLAGS else nearest_sandbox_flag(value) for value in values)
        return tuple(dict.fromkeys(token for token in meant if token is not None))
    return values


def _sources(name: str, values: tuple[str, ...], is_secure: bool) -> tuple[str, ...]:
    if not slips_of(name, values, is_secure):
        return values
    meant = dict.fromkeys(_meant_source(read_source(value), name, is_secure) for value in values)
    others = tuple(source for source in meant if source is not None and source.lower() != "'none'")
    return others or (("'none'",) if values else ())


def _meant_source(source: Source, directive: str, is_secure: bool) -> str | None:
    for _ in range(ROUNDS):
        if source.slip is None:
            break
        text = _remedy(source)
        if text is None:
            return None
        source = read_source(text)
    else:
        return None
    if source.kind in ("keyword", "nonce", "hash"):
        return source.text if has_effect(source, directive) else None
    if is_secure and source.is_plain:
        return _PLAIN.sub(r"\1s:", source.text, count=1).removesuffix(":80")
    return source.text


def _remedy(source: Source) -> str | None:
    """What the source was meant to be; None where that cannot be told, or nothing matches it anyhow."""
    if source.slip == UNQUOTED_KEYWORD:
        return f"'{source.text}'"
    if source.slip == UNKNOWN_KEYWORD:
        return nearest_keyword(source.text)
    if source.slip == RETIRED_KEYWORD:
        return RETIRED_KEYWORDS[source.lower]
    if source.slip == WITH_QUERY:
        return _QUERY.split(source.text, maxsplit=1)[0]
    if source.slip == INVALID_SOURCE and source.text.startswith("//"):
        named = read_source(source.text[2:])
        return named.text if named.kind == "host" and named.host != "*" else None
    return None
