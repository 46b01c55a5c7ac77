"""Slips in how a policy is written, by the id of the rule that each breaks, and the policy without them."""

import difflib
import re
from collections.abc import Iterator
from typing import Final

from workers.syntax.content_security_policy import FALLBACKS, Policy

SOURCE_LISTS = frozenset({*FALLBACKS, "default-src", "base-uri", "form-action", "frame-ancestors"})
OTHERS = frozenset(
    {
        "fenced-frame-src",
        "report-to",
        "report-uri",
        "require-trusted-types-for",
        "sandbox",
        "trusted-types",
        "upgrade-insecure-requests",
        "webrtc",
    }
)
KNOWN = SOURCE_LISTS | OTHERS
RETIRED = frozenset(
    {
        "block-all-mixed-content",
        "disown-opener",
        "navigate-to",
        "plugin-types",
        "prefetch-src",
        "referrer",
        "reflected-xss",
        "require-sri-for",
    }
)
KEYWORDS = frozenset(
    {
        "'inline-speculation-rules'",
        "'none'",
        "'report-sample'",
        "'report-sha256'",
        "'report-sha384'",
        "'report-sha512'",
        "'self'",
        "'strict-dynamic'",
        "'trusted-types-eval'",
        "'unsafe-allow-redirects'",
        "'unsafe-eval'",
        "'unsafe-hashed-attributes'",
        "'unsafe-hashes'",
        "'unsafe-inline'",
        "'unsafe-webtransport-hashes'",
        "'wasm-eval'",
        "'wasm-unsafe-eval'",
    }
)
UNQUOTED = frozenset(keyword.strip("'") for keyword in KEYWORDS)
_NONCE_OR_HASH = re.compile(r"(?:nonce-|sha(?:256|384|512)-)[A-Za-z0-9+/\-_]++={0,2}", re.IGNORECASE)
_PLAIN = re.compile(r"(http|ws):", re.IGNORECASE)
LONGEST_NAME: Final = 40  # characters of a name that is worth comparing with the known ones
UNKNOWN_DIRECTIVE: Final = "csp-directive-unknown"
RETIRED_DIRECTIVE: Final = "csp-directive-retired"
REPEATED_DIRECTIVE: Final = "csp-directive-repeated"
UNQUOTED_KEYWORD: Final = "csp-keyword-unquoted"
UNKNOWN_KEYWORD: Final = "csp-keyword-unknown"
NONE_AMONG_OTHERS: Final = "csp-none-among-others"
PLAIN_SOURCE: Final = "csp-source-over-http"


def slips_of(policy: Policy, is_https: bool) -> Iterator[tuple[str, str, str]]:
    """Each thing that is wrong: its id, the directive, and the source (or the directive once more)."""
    for name in policy.repeated[:1]:
        yield REPEATED_DIRECTIVE, name, name
    upgraded = "upgrade-insecure-requests" in policy.directives
    for name, sources in policy.directives.items():
        if name in RETIRED:
            yield RETIRED_DIRECTIVE, name, name
        elif name not in KNOWN:
            yield UNKNOWN_DIRECTIVE, name, name
        if name not in SOURCE_LISTS:
            continue
        for source in sources:
            slip = _slip_of(source, len(sources) > 1, is_https and not upgraded)
            if slip is not None:
                yield slip, name, source


def _slip_of(source: str, among_others: bool, wants_https: bool) -> str | None:
    lower = source.lower()
    if lower[0] == "'":
        if lower == "'none'":
            return NONE_AMONG_OTHERS if among_others else None
        if lower in KEYWORDS or (lower[-1] == "'" and _NONCE_OR_HASH.fullmatch(lower[1:-1])):
            return None
        return UNKNOWN_KEYWORD
    if lower in UNQUOTED or _NONCE_OR_HASH.fullmatch(lower):
        return UNQUOTED_KEYWORD
    return PLAIN_SOURCE if wants_https and _PLAIN.match(lower) else None


def without_slips(policy: Policy, is_https: bool) -> Policy:
    """The policy with every slip put right, as it was meant where that can be told. A repeat is left out."""
    directives: dict[str, tuple[str, ...]] = {}
    for given, sources in policy.directives.items():
        name: str | None = given
        if given not in KNOWN:
            name = None if given in RETIRED else _nearest(given, KNOWN)
            if name is None or name in policy.directives:
                continue
        directives.setdefault(name or given, sources)
    wants_https = is_https and "upgrade-insecure-requests" not in directives
    mended = {
        name: _mended_sources(sources, wants_https) if name in SOURCE_LISTS else sources
        for name, sources in directives.items()
    }
    return Policy(mended or {"default-src": ("'self'",)})


def _mended_sources(sources: tuple[str, ...], wants_https: bool) -> tuple[str, ...]:
    mended: dict[str, None] = {}
    for source in sources:
        slip = _slip_of(source, False, wants_https)
        meant: str | None = source
        if slip == UNQUOTED_KEYWORD:
            meant = f"'{source}'"
        elif slip == PLAIN_SOURCE:
            meant = _PLAIN.sub(r"\1s:", source, count=1).removesuffix(":80")
        elif slip == UNKNOWN_KEYWORD:
            meant = _nearest(source, KEYWORDS)
        if meant is not None:
            mended[meant] = None
    others = tuple(source for source in mended if source.lower() != "'none'")
    return others or (("'none'",) if sources else ())


def _nearest(name: str, known: frozenset[str]) -> str | None:
    close = (
        difflib.get_close_matches(name.lower(), sorted(known), 1, 0.8) if len(name) <= LONGEST_NAME else []
    )
    return close[0] if close else None
