"""Names of security fields, nearly: a header that was meant to protect and that nobody reads.

A name counts as misspelt where it differs from one that exists in its separators only, or in one letter that
is missing, too much, wrong, or in its neighbour's place.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from workers.check import Check, Rule, removal
from workers.model import Finding
from workers.response import Response

NAMES: Final = (
    "Content-Security-Policy",
    "Content-Security-Policy-Report-Only",
    "Cross-Origin-Embedder-Policy",
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy",
    "Permissions-Policy",
    "Referrer-Policy",
    "Strict-Transport-Security",
    "X-Content-Type-Options",
    "X-Frame-Options",
)
# Other names that exist and are a letter away, or whose own checks tell of them.
_KNOWN: Final = frozenset({"x-content-security-policy", "feature-policy", "permissions-policy-report-only"})
FIELDS_LIMIT: Final = 100
FOUND_LIMIT: Final = 10
SHORTEST: Final = 10  # characters: shorter names are none of these

MISSPELT = Rule(
    id="security-field-misspelt",
    severity="medium",
    field="X-Frame-Options",
    message="{name} is no field that browsers know; {right} was meant, it seems.",
    why="Browsers skip names that they do not know, so what the field says protects nobody.",
    fix="Rename the field",
    reference="RFC 9110 section 5.1",
)


def run(response: Response) -> Iterator[Finding]:
    found = 0
    for name, value in response.lasting[:FIELDS_LIMIT]:
        right = _meant(name) if SHORTEST <= len(name) <= _LONGEST else None
        if right is None:
            continue
        fix = removal(name) if response.values(right) else f"Rename the field to {right}"
        yield MISSPELT.found(f"{name}: {value}", field=name, fix=fix, name=name, right=right)
        found += 1
        if found == FOUND_LIMIT:
            return


@lru_cache(maxsize=1_024)  # sites share their names; one that is new costs some microseconds
def _meant(name: str) -> str | None:
    lower = name.lower()
    if lower in _EXACT or lower in _KNOWN or lower[0] not in _BEGINNINGS:
        return None
    letters = _letters(lower)
    if letters in _BY_LETTERS:
        return _BY_LETTERS[letters]
    for known, right in _BY_LETTERS.items():
        if abs(len(known) - len(letters)) <= 1 and _is_one_slip(letters, known):
            return right
    return None


def _is_one_slip(one: str, other: str) -> bool:
    """Whether the two differ by one letter, or by two neighbours' order."""
    at = next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    rest, known = one[at:], other[at:]
    return (
        rest[1:] == known[1:]
        or rest[1:] == known
        or rest == known[1:]
        or (rest[:2] == known[1::-1] and rest[2:] == known[2:])
    )


def _letters(lower: str) -> str:
    return lower.replace("-", "").replace("_", "").replace(" ", "")


_EXACT: Final = frozenset(name.lower() for name in NAMES)
_BY_LETTERS: Final = {_letters(name.lower()): name for name in NAMES}
_BEGINNINGS: Final = frozenset(name[0].lower() for name in NAMES)
_LONGEST: Final = max(map(len, NAMES)) + 2

CHECK = Check(
    id="field-names",
    title="Misspelt security fields",
    why="A protection with a slip in its name is none.",
    reference="RFC 9110 section 5.1",
    rules=(MISSPELT,),
    run=run,
)
