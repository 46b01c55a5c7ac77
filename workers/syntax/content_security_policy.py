"""Content-Security-Policy as CSP Level 3 section 2.2 parses it: what a browser keeps, and what it drops.

Owns the parsing, its bounds, the fallback from one directive to another and the writing of a policy. Whether
a policy is any good is judged in `workers.checks`.
"""

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final

from msgspec import Struct

_WORD = re.compile(r"[^\t\n\f\r ]+")  # ASCII white space; str.split() knows more kinds, and is faster without

# What is read of a response's policies in all. Real ones of 10 KB, 40 directives and 300 sources are rare;
# the bounds keep each check of a hostile head to a few milliseconds. `is_read_whole` tells where they cut.
CHARACTERS_READ: Final = 32_768
POLICIES_READ: Final = 16
DIRECTIVES_READ: Final = 256
SOURCES_READ: Final = 500

# CSP3 section 6.8.3: which directives govern where one is absent, in order.
_SCRIPTS: Final = ("script-src", "default-src")
FALLBACKS: Final[Mapping[str, tuple[str, ...]]] = {
    "script-src-elem": ("script-src-elem", *_SCRIPTS),
    "script-src-attr": ("script-src-attr", *_SCRIPTS),
    "script-src": _SCRIPTS,
    "worker-src": ("worker-src", "child-src", *_SCRIPTS),
    "style-src-elem": ("style-src-elem", "style-src", "default-src"),
    "style-src-attr": ("style-src-attr", "style-src", "default-src"),
    "frame-src": ("frame-src", "child-src", "default-src"),
    **{
        name: (name, "default-src")
        for name in (
            "child-src",
            "connect-src",
            "font-src",
            "img-src",
            "manifest-src",
            "media-src",
            "object-src",
            "prefetch-src",
            "style-src",
        )
    },
}


class Policy(Struct, frozen=True):
    """One policy: each directive's values by its lower-case name, and what browsers skip.

    `repeated` are the names given again, `skipped` the directives that are not ASCII.
    """

    directives: Mapping[str, tuple[str, ...]]
    repeated: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()

    def governing(self, name: str) -> tuple[str, tuple[str, ...]] | None:
        """The directive that decides for `name`, itself or a fallback; None where nothing is restricted."""
        for candidate in FALLBACKS.get(name, (name,)):
            values = self.directives.get(candidate)
            if values is not None:
                return candidate, values
        return None

    def replaced(self, name: str, values: Iterable[str]) -> "Policy":
        """The same policy with other values for one directive, which is added where it was absent."""
        return Policy({**self.directives, name: tuple(values)})

    def __str__(self) -> str:
        return "; ".join([" ".join((name, *values)) for name, values in self.directives.items()])


def parse_policies(values: tuple[str, ...]) -> tuple[Policy, ...]:
    """The policies of the values, commas between, but for those without a directive (section 2.2.2).

    Policies are enforced together, so one that is written again says nothing more and is left out. No more is
    read than the bounds of this module allow.
    """
    return _read(values)[0]


def is_read_whole(values: tuple[str, ...]) -> bool:
    """Whether `parse_policies` reads all of the values, and stops at none of its bounds."""
    return _read(values)[1]


def parse_policy(text: str) -> Policy:
    """One serialized policy (section 2.2.1): the first of two directives counts, a non-ASCII one never."""
    return _read_policy(text, _Room())


class _Room(Struct):
    """How many more directives and sources may be read, and whether something was left out for want of it."""

    directives: int = DIRECTIVES_READ
    sources: int = SOURCES_READ
    is_short: bool = False


@lru_cache(maxsize=64)  # all checks of policies ask for the same header; a value is at most a head's 256 KiB
def _read(values: tuple[str, ...]) -> tuple[tuple[Policy, ...], bool]:
    room = _Room()
    policies: dict[Hashable, Policy] = {}  # by what they say: two may be written differently
    for text in dict.fromkeys(_texts(values, room)):
        if len(policies) == POLICIES_READ:
            room.is_short = True
            break
        policy = _read_policy(text, room)
        if policy.directives:
            said = tuple(policy.directives.items()), policy.repeated, policy.skipped
            policies.setdefault(said, policy)
    return tuple(policies.values()), not room.is_short


def _texts(values: tuple[str, ...], room: _Room) -> Iterator[str]:
    left = CHARACTERS_READ
    for value in values:
        if len(value) > left:
            room.is_short = True
            # the last word may be cut in two
            value = value[: max(value.rfind(end, 0, left) for end in " ,;") + 1]
        left -= len(value)
        yield from value.split(",")
        if room.is_short:
            return


def _read_policy(text: str, room: _Room) -> Policy:
    directives: dict[str, tuple[str, ...]] = {}
    repeated: list[str] = []
    skipped: list[str] = []
    parts = text.split(";", room.directives)
    if len(parts) > room.directives:
        room.is_short = True
        parts.pop()
    room.directives -= len(parts)
    left = room.sources
    is_plain = text.isascii() and text.isprintable()
    for part in parts:
        words = part.split() if is_plain else _WORD.findall(part)
        if not words:
            continue
        if not is_plain and not part.isascii():
            skipped.append(" ".join(words))
            continue
        name = words[0].lower()
        if name in directives:
            repeated.append(name)
            continue
        left -= len(words) - 1
        if left < 0:
            room.is_short = True
            del words[left:]
            left = 0
        directives[name] = tuple(words[1:])
    room.sources = left
    return Policy(directives, tuple(repeated), tuple(skipped))
