"""Content-Security-Policy as the Observatory reads it (cspParser.js): several policies into one.

This is not what a browser does, which enforces every policy by itself. Each step is kept as it is there,
because a grade hangs on it.
"""

import re
import unicodedata
from itertools import pairwise
from typing import Final
from urllib.parse import unquote_to_bytes

from msgspec import Struct

from workers.observatory.javascript import trim, words

Directives = dict[str, set[str]]

NONE: Final = "'none'"

_SHORTEST_POLICY: Final = 6  # Oddity: one less than the shortest directive's name, `img-src`
_POLICY_LIMIT: Final = 32  # Each is merged into all before it. Our bound: a site has two or three policies.
_MAY_REPEAT: Final = frozenset({"report-uri", "report-to"})
_REPEATS: Final = "_observatory_duplicate_key_warnings"  # Oddity: where it notes them among the directives
_NOT_IN_META: Final = ("frame-ancestors", "report-uri", "sandbox")

# The order in which ICU sorts Latin-1 for English: by these first, by accents where all else is equal.
_COLLATION: Final = (
    "\x85_-,;:!\u00a1?\u00bf.\u00b7'\"\u00ab\u00bb()[]{}\u00a7\u00b6@*/\\&#%`\u00b4^\u00af\u00a8\u00b8\u00b0\u00a9\u00ae"
    "+\u00b1\u00f7\u00d7<=>\u00ac|\u00a6~\u00a4\u00a2$\u00a3\u00a50123456789abcdefghijklmnopqrstuvwxyz\u00fe\u00b5"
)
_AS_OTHERS: Final = {
    "\u00aa": "a",
    "\u00ba": "o",
    "\u00b9": "1",
    "\u00b2": "2",
    "\u00b3": "3",
    "\u00e6": "ae",
    "\u00df": "ss",
    "\u00f8": "o",
    "\u00f0": "d",
}
_IGNORED: Final = dict.fromkeys(map(chr, (*range(0x20), *range(0x7F, 0xA0), 0xAD)), "")
_RANK_OF: Final = _IGNORED | {character: chr(rank) for rank, character in enumerate(_COLLATION, start=1)}
_RANKS: Final = str.maketrans(_RANK_OF)
_LETTERS: Final = str.maketrans(
    _RANK_OF | {letter: "".join(map(_RANK_OF.__getitem__, others)) for letter, others in _AS_OTHERS.items()}
)
_BROKEN_ESCAPE: Final = re.compile(r"%(?![0-9a-f]{2})")  # sources are in lower case


class InvalidPolicy(ValueError):  # noqa: N818 - a value of the parser's domain
    """The Observatory takes a policy for invalid, and with it all that the site sent."""


class Policy(Struct, frozen=True):
    """The one policy that came out: each directive's sources, and whether a report directive was repeated."""

    directives: Directives
    repeats: bool

    @property
    def is_empty(self) -> bool:
        return not self.directives and not self.repeats


class _Source(Struct, eq=False):
    text: str
    policy: int
    keep: bool


def split_policies(values: list[str]) -> list[str]:
    """Split field values at each comma (csp.js). An empty one is kept, and will make the whole invalid."""
    return [trim(policy) for value in values for policy in value.split(",")]


def parse_policies(policies: list[str]) -> Policy:
    """Make one policy of several. Raises InvalidPolicy.

    Oddities: a directive given twice in a policy makes everything invalid; the sources of a later policy
    are compared with the neighbours they have when sorted, not with all; a directive that only a later
    policy has becomes 'none'; one that only the first has stays.
    """
    cleaned = [trim(policy.replace("\r", "").replace("\n", "")) for policy in policies]
    if any(len(policy) < _SHORTEST_POLICY for policy in cleaned):
        raise InvalidPolicy("a policy is shorter than any directive")
    found: dict[str, list[_Source]] = {}
    repeats = False
    for index, policy in enumerate(cleaned[:_POLICY_LIMIT]):
        seen: set[str] = set()
        for entry in policy.split(";"):
            name, *values = words(entry)
            if not name:
                continue
            directive = name.lower()
            if directive in seen:
                if directive not in _MAY_REPEAT:
                    raise InvalidPolicy(f"{directive} is given twice")
                repeats = True
            seen.add(directive)
            earlier = found.get(directive, []) if index else []
            found[directive] = _merge([*earlier, *_read_sources(directive, values, index)])
            if index == 0 and len(cleaned) > 1:
                for source in found[directive]:
                    source.keep = False
    noted = found.pop(_REPEATS, None)  # a site may have sent a directive of that name
    directives = {name: {source.text for source in sources} or {NONE} for name, sources in found.items()}
    if noted is not None and not repeats:
        directives[_REPEATS] = {source.text for source in noted} or {NONE}
    return Policy(directives, repeats or noted is not None)


def parse_meta_policies(policies: list[str]) -> Policy:
    """As `parse_policies`, without the directives that a page may not give for itself."""
    policy = parse_policies(policies)
    for name in _NOT_IN_META:
        policy.directives.pop(name, None)
    return policy


def _read_sources(directive: str, values: list[str], policy: int) -> list[_Source]:
    if not values and directive.endswith("-src"):
        values = [NONE]
    return [_Source(value.lower(), policy, keep=policy == 0) for value in values]


def _merge(sources: list[_Source]) -> list[_Source]:
    """Drop a source that begins as its neighbour of the same policy does; keep one that two policies have."""
    if len(sources) > 1:
        sources.sort(key=_collation_key)
        for previous, source in pairwise(sources):
            if source.policy == previous.policy:
                if source.text.startswith(previous.text):
                    source.keep = False
            elif _covers(previous.text, source.text):
                source.keep = True
    return [source for source in sources if source.keep]


def _collation_key(source: _Source) -> tuple[str, str]:
    """What is compared first, and what where that is the same."""
    text = source.text
    if text.isascii():
        ranks = text.translate(_RANKS)
        return ranks, ranks
    text = unicodedata.normalize("NFD", text)
    letters = "".join([character for character in text if not unicodedata.combining(character)])
    return letters.translate(_LETTERS), text.translate(_RANKS)


def _covers(first: str, second: str) -> bool:
    """CSP 3's path-part match, which the Observatory applies to whole sources instead of their paths."""
    if not first or (first == "/" and not second):
        return True
    pieces, others = first.split("/"), second.split("/")
    if first.endswith("/"):
        pieces.pop()
        if len(pieces) >= len(others):
            return False
    elif len(pieces) != len(others):
        return False
    return all(_unescape(piece) == _unescape(other) for piece, other in zip(pieces, others, strict=False))


def _unescape(text: str) -> str:
    """`decodeURIComponent`. Oddity: it throws on a broken escape, and that makes everything invalid."""
    if "%" not in text:
        return text
    if _BROKEN_ESCAPE.search(text):
        raise InvalidPolicy("a source has a broken escape")
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeDecodeError as error:
        raise InvalidPolicy("a source's escapes are no UTF-8") from error
