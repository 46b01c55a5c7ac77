"""Content-Security-Policy as CSP Level 3 section 2.2 parses it: what a browser keeps, and what it drops.

Owns the parsing, the fallback from one directive to another and the writing of a policy. Whether a policy
is any good is judged in `workers.checks`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_WORD = re.compile(r"[^\t\n\f\r ]+")  # split on ASCII white space; str.split() knows more kinds

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


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy: each directive's values by its lower-case name, and the names given again (and ignored)."""

    directives: Mapping[str, tuple[str, ...]]
    repeated: tuple[str, ...] = ()

    def governing(self, name: str) -> tuple[str, tuple[str, ...]] | None:
        """The directive that decides for `name`, itself or a fallback; None where nothing is restricted."""
        for candidate in FALLBACKS.get(name, (name,)):
            values = self.directives.get(candidate)
            if values is not None:
                return candidate, values
        return None

    def replaced(self, name: str, values: Iterable[str]) -> "Policy":
        """The same policy with other values for one directive, which is added where it was absent."""
        return Policy({**self.directives, name: tuple(values)}, self.repeated)

    def __str__(self) -> str:
        return "; ".join(" ".join((name, *values)) for name, values in self.directives.items())


@lru_cache(maxsize=64)  # several checks ask for the same header; a value is at most a head's 256 KiB
def parse_policies(values: tuple[str, ...]) -> tuple[Policy, ...]:
    """All policies of the values, commas between, but for those without a directive (section 2.2.2).

    Policies are enforced together, so one that is written again says nothing more and is left out.
    """
    policies = map(parse_policy, dict.fromkeys(part for value in values for part in value.split(",")))
    return tuple(policy for policy in policies if policy.directives)


def parse_policy(text: str) -> Policy:
    """One serialized policy (section 2.2.1): the first of two directives counts, a non-ASCII one never."""
    directives: dict[str, tuple[str, ...]] = {}
    repeated: list[str] = []
    for part in text.split(";"):
        words = _WORD.findall(part)
        if not words or not part.isascii():
            continue
        name = words[0].lower()
        if name in directives:
            repeated.append(name)
        else:
            directives[name] = tuple(words[1:])
    return Policy(directives, tuple(repeated))
