"""Source expressions as CSP Level 3 section 2.3.1 has them: what each one is, and what is wrong with it.

A list is read once for all that judge it. What a source lets in is judged elsewhere.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from workers.checks.content_security_policy.vocabulary import (
    HASHES_WORK_IN,
    KEYWORDS,
    NAMES_IN_FULL,
    NONCES_WORK_IN,
    RETIRED_KEYWORDS,
    UNQUOTED,
)
from workers.syntax.hosts import host_of, is_local

Kind = Literal["keyword", "nonce", "hash", "scheme", "host", "broken"]

UNQUOTED_KEYWORD: Final = "csp-keyword-unquoted"
UNKNOWN_KEYWORD: Final = "csp-keyword-unknown"
RETIRED_KEYWORD: Final = "csp-keyword-retired"
MALFORMED_NONCE: Final = "csp-nonce-malformed"

HASH_LENGTH: Final = "csp-hash-length"
HASH_ALGORITHM: Final = "csp-hash-algorithm"
SEMICOLON: Final = "csp-semicolon-missing"
INVALID_SOURCE: Final = "csp-source-invalid"
WITH_QUERY: Final = "csp-source-with-query"
ADDRESS: Final = "csp-source-address"
NONE_AMONG_OTHERS: Final = "csp-none-among-others"
PLAIN_SOURCE: Final = "csp-source-over-http"
WITHOUT_EFFECT: Final = "csp-source-without-effect"

# Schemes whose source matches an https address (section 6.7.2.9, scheme-part match).
REACH_HTTPS: Final = frozenset({"", "http", "https", "ws", "wss"})
PLAIN: Final = frozenset({"http", "ws"})
NONE: Final = "'none'"
INLINE_URLS: Final = frozenset({"data", "blob", "filesystem"})
LOOPBACK: Final = "127.0.0.1"  # the one address that host-part match (section 6.7.2.10) lets match
CACHED_LENGTH: Final = 256  # characters of a source that is worth keeping: longer ones do not come twice
# Base64 of a digest without its padding; both alphabets count (section 2.3.1).
DIGEST_LENGTHS: Final[Mapping[str, int]] = {"sha256": 43, "sha384": 64, "sha512": 86}

# Nothing in these can match in two ways, and what is repeated is never given back: linear.
_NONCE = re.compile(r"nonce-[a-z0-9+/\-_]++={0,2}", re.IGNORECASE)
_HASH = re.compile(r"(sha(?:256|384|512))-([a-z0-9+/\-_]++)={0,2}", re.IGNORECASE)
_OTHER_HASH = re.compile(r"(?:sha-?\d*+|md5)-[a-z0-9+/\-_]++=*+", re.IGNORECASE)
_SCHEME = re.compile(r"([a-z][a-z0-9+.\-]*+):", re.IGNORECASE)
_HOST = re.compile(
    r"(?:([a-z][a-z0-9+.\-]*+)://)?+"
    r"(\*|(?:\*\.)?+[a-z0-9_\-]++(?:\.[a-z0-9_\-]++)*+\.?+|\[[0-9a-f:.]++\])"
    r"(?::(\d++|\*))?+(/[^?#]*+)?+([?#].*+)?+",
    re.IGNORECASE,
)
_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}", re.ASCII)


class Source(NamedTuple):
    """One source expression. `slip` is the rule that its spelling breaks.

    The parts are those of a host or a scheme, lower case but for `path`, "" where there is none. `stands_out`
    says whether there is anything but a host to be told of it.
    """

    text: str
    lower: str
    kind: Kind
    slip: str | None = None
    scheme: str = ""
    host: str = ""
    port: str = ""
    path: str = ""
    stands_out: bool = True

    @property
    def is_any_host(self) -> bool:
        """Whether it matches whatever host there is."""
        return self.scheme in REACH_HTTPS and (self.kind == "scheme" or self.host == "*")

    @property
    def is_inline_url(self) -> bool:
        """Whether it matches addresses that hold their own content."""
        return self.kind == "scheme" and self.scheme in INLINE_URLS

    @property
    def is_plain(self) -> bool:
        """Whether it lets what is sent in the open in; the visitor's own machine is trusted without https."""
        return self.scheme in PLAIN and not is_local(host_of(self.lower))


class SourceList(NamedTuple):
    """The sources of one directive, for those who judge what they let in."""

    sources: tuple[Source, ...]
    by_lower: Mapping[str, str]
    hosts: tuple[Source, ...]
    any_host: str | None
    inline_url: str | None
    has_nonce_or_hash: bool
    is_dynamic: bool

    def spelt(self, keyword: str) -> tuple[str, ...]:
        """The keyword as the list spells it; nothing where it is not there."""
        spelling = self.by_lower.get(keyword)
        return () if spelling is None else (spelling,)


@lru_cache(maxsize=64)  # more than a policy's lists; each at most the sources that are read of one
def read_list(values: tuple[str, ...]) -> SourceList:
    """The sources of a directive, in order."""
    sources = tuple([read_source(value) for value in values])
    any_host = inline_url = None
    has_nonce_or_hash = False
    for source in sources:
        if not source.stands_out:
            continue
        if source.kind in ("host", "scheme"):
            if any_host is None and source.is_any_host:
                any_host = source.text
            if inline_url is None and source.is_inline_url:
                inline_url = source.text
        elif source.kind in ("nonce", "hash"):
            has_nonce_or_hash = True
    by_lower = {source.lower: source.text for source in sources}
    return SourceList(
        sources,
        by_lower,
        tuple([source for source in sources if source.kind == "host"]),
        any_host,
        inline_url,
        has_nonce_or_hash,
        "'strict-dynamic'" in by_lower,
    )


def slips_of(directive: str, values: tuple[str, ...], is_secure: bool) -> list[tuple[str, str]]:
    """Each rule that a source breaks, and the source. Plain http breaks one where `is_secure`."""
    slips: list[tuple[str, str]] = []
    for value in values:
        source = read_source(value)
        if not source.stands_out:
            continue
        if source.slip is not None:
            slips.append((source.slip, source.text))
        if source.kind in ("keyword", "nonce", "hash"):
            if not has_effect(source, directive):
                slips.append((WITHOUT_EFFECT, source.text))
            elif source.lower == NONE and len(values) > 1:
                slips.append((NONE_AMONG_OTHERS, source.text))
        elif is_secure and source.is_plain:
            slips.append((PLAIN_SOURCE, source.text))
    return slips


def has_effect(source: Source, directive: str) -> bool:
    """Whether a keyword, nonce or hash does anything in the directive."""
    if source.kind == "nonce":
        return directive in NONCES_WORK_IN
    if source.kind == "hash":
        return directive in HASHES_WORK_IN
    where = KEYWORDS.get(source.lower)
    return where is None or directive in where or directive == "worker-src"


def read_source(text: str) -> Source:
    return _read_short(text) if len(text) <= CACHED_LENGTH else _read(text)


def _read(text: str) -> Source:
    lower = text.lower()
    if lower in KEYWORDS:
        return Source(text, lower, "keyword", stands_out=lower != "'self'")
    if lower.startswith("'") or lower.endswith("'"):
        return _read_quoted(text, lower)
    if scheme := _SCHEME.fullmatch(lower):
        return Source(text, lower, "scheme", None, scheme[1])
    if lower in UNQUOTED or _NONCE.fullmatch(lower) or _HASH.fullmatch(lower):
        return Source(text, lower, "broken", UNQUOTED_KEYWORD)
    if lower in NAMES_IN_FULL:
        return Source(text, lower, "broken", SEMICOLON)
    parts = _HOST.fullmatch(text)
    if parts is None:
        return Source(text, lower, "broken", INVALID_SOURCE)
    scheme_part, host, port, path, query = parts.groups("")
    slip = WITH_QUERY if query else None
    if host[0] == "[" or (host != LOOPBACK and _IPV4.fullmatch(host)):
        slip = ADDRESS
    scheme_part, host = scheme_part.lower(), host.lower().rstrip(".")
    stands_out = slip is not None or host == "*" or scheme_part in PLAIN
    return Source(text, lower, "host", slip, scheme_part, host, port, path, stands_out)


_read_short = lru_cache(maxsize=4_096)(_read)  # sites name the same hosts; at most 1 MiB of text is kept


def _read_quoted(text: str, lower: str) -> Source:
    if lower in RETIRED_KEYWORDS:
        return Source(text, lower, "broken", RETIRED_KEYWORD)
    inner = lower[1:-1] if lower[0] == lower[-1] else ""
    if _NONCE.fullmatch(inner):
        return Source(text, lower, "nonce")
    if digest := _HASH.fullmatch(inner):
        is_whole = len(digest[2]) == DIGEST_LENGTHS[digest[1]]
        return Source(text, lower, "hash", None if is_whole else HASH_LENGTH)
    if lower.startswith("'nonce-"):
        return Source(text, lower, "broken", MALFORMED_NONCE)
    return Source(text, lower, "broken", HASH_ALGORITHM if _OTHER_HASH.fullmatch(inner) else UNKNOWN_KEYWORD)
