"""What equal responses have in common is judged once: sites of a fleet, and of a host, share their headers.

A check that asked for nothing beyond a response's likeness (its host, say, or its date) finds the same in
every response that is alike; one that asked would ask again, and is run for each.
"""

from collections.abc import Hashable
from functools import cache
from typing import Final, NamedTuple

from workers import observatory
from workers.check import Check
from workers.model import SEVERITIES, Finding, Observatory
from workers.observatory import NOT_GATHERED, Evidence, HttpEntry, HttpsAnswer
from workers.observatory.evidence import read_address
from workers.observatory.preload import is_preloaded
from workers.registry import select_checks
from workers.response import Response

KEPT: Final = 2_048  # likenesses, some 10 MiB a worker: header sets of a fleet; the oldest goes first
KEPT_CHARACTERS: Final = 16_384  # of a response's fields: a larger one is not kept

Placed = tuple[int, Finding]
"""A finding, behind its check's place among those that were selected."""


class _Shared(NamedTuple):
    """What is found in every response that is alike, and the checks that ask for more."""

    found: tuple[Placed, ...]
    asking: tuple[tuple[int, Check], ...]


def find(selection: str, response: Response) -> list[Finding]:
    """What the selected checks find, the most severe first, else in the checks' order.

    Raises UnknownCheckError, and whatever a check raises.
    """
    kept = _kept_of(selection)
    likeness = response.likeness
    shared = kept.get(likeness)
    if shared is None:
        placed, shared = _judge(select_checks(selection), response)
        if response.size <= KEPT_CHARACTERS:
            if len(kept) >= KEPT:
                del kept[next(iter(kept))]
            kept[likeness] = shared
    else:
        placed = list(shared.found)
        placed += [(place, found) for place, check in shared.asking for found in check.run(response)]
    placed.sort(key=_by_severity_and_place)
    return [found for _, found in placed]


def grade(response: Response, evidence: Evidence) -> Observatory:
    """The Observatory's verdict. Of the host it depends on the preload list alone where there are no cookies,
    and nothing was gathered but one response."""
    if (
        response.values("set-cookie")
        or evidence.earlier
        or response.size > KEPT_CHARACTERS
        or not (evidence.body is evidence.preflight is NOT_GATHERED)
    ):
        return observatory.grade(evidence)
    https, entry, site = evidence.https, evidence.http_entry, read_address(evidence.site_url)
    if isinstance(entry, HttpEntry) and [read_address(step.url).host for step in entry.route] != [site.host]:
        return observatory.grade(evidence)
    if isinstance(https, HttpsAnswer) and https.headers != evidence.headers:  # given, and not fetched
        return observatory.grade(evidence)
    key = (
        response.likeness,
        https.verified if isinstance(https, HttpsAnswer) else https,
        entry.verified if isinstance(entry, HttpEntry) else entry,
        site.scheme,
        is_preloaded(site.host),
    )
    kept = _grades_kept()
    graded = kept.get(key)
    if graded is None:
        graded = observatory.grade(evidence)
        if len(kept) >= KEPT:
            del kept[next(iter(kept))]
        kept[key] = graded
    return graded


@cache
def _grades_kept() -> dict[Hashable, Observatory]:
    return {}


@cache
def _kept_of(selection: str) -> dict[Hashable, _Shared]:
    """One for each selection that was named; few are."""
    return {}


def _judge(checks: tuple[Check, ...], response: Response) -> tuple[list[Placed], _Shared]:
    """All that is found, and of it what all that are alike share."""
    placed: list[Placed] = []
    shared: list[Placed] = []
    asking: list[tuple[int, Check]] = []
    for place, check in enumerate(checks):
        response.was_asked = False
        found = [(place, finding) for finding in check.run(response)]
        placed += found
        if response.was_asked:
            asking.append((place, check))
        else:
            shared += found
    return placed, _Shared(tuple(shared), tuple(asking))


def _by_severity_and_place(placed: Placed) -> tuple[int, int]:
    return -SEVERITIES.index(placed[1].severity), placed[0]
