"""Expires (RFC 9111 section 5.3) beside Cache-Control: which of the two says how long a response is fresh.

How the date is written is `http_dates`.
"""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from workers.check import Check, Rule, removal
from workers.checks.cache_control.policy import (
    Policy,
    age,
    forbids_storing,
    governs_all,
    lifetime_by_dates,
    read_policy,
)
from workers.model import Finding
from workers.response import Response

FIELD = "Expires"
TOLERANCE_S: Final = 60  # the two are computed a moment apart, and by rounded clocks

OVERRIDDEN = Rule(
    id="expires-overridden",
    severity="info",
    field=FIELD,
    message="Expires says fresh for {expires} seconds, Cache-Control says {other}: Expires is ignored.",
    why="Where Cache-Control has max-age, caches must not look at Expires; the two were set apart.",
    fix=removal(FIELD),
    reference="RFC 9111 section 5.3",
)
FORBIDDEN = Rule(
    id="expires-against-cache-control",
    severity="low",
    field=FIELD,
    message="Expires lets caches keep the response, {other} in Cache-Control does not.",
    why="What reads Expires only keeps what was not to be kept.",
    fix=removal(FIELD),
    reference="RFC 9111 section 5.3",
)


def run(response: Response) -> Iterator[Finding]:
    policy = read_policy(response)
    forbidden = _forbidden(policy)
    if not response.has(FIELD) or (forbidden is None and "max-age" not in policy):
        return
    kept = age(policy, "max-age") if forbidden is None else 0
    if response.ask(_IsFreshFor(kept)):
        return
    value = response.values(FIELD)[0]
    if forbidden is None:
        yield OVERRIDDEN.found(value, expires=response.ask(lifetime_by_dates), other=kept)
    else:
        yield FORBIDDEN.found(value, other=forbidden)


class _IsFreshFor(Struct, frozen=True):
    """Whether Expires says about so many seconds, or nothing that can be told."""

    seconds: int

    def __call__(self, response: Response) -> bool:
        told = lifetime_by_dates(response)
        return told is None or abs(told - self.seconds) <= TOLERANCE_S


def _forbidden(policy: Policy) -> str | None:
    if forbids_storing(policy):
        return "no-store"
    return "no-cache" if governs_all(policy, "no-cache") else None


CHECK = Check(
    id="expires",
    title="Expires beside Cache-Control",
    why="Two answers to one question: clients that read the one and caches that read the other differ.",
    reference="RFC 9111 section 5.3",
    rules=(OVERRIDDEN, FORBIDDEN),
    run=run,
    needs=(FIELD,),
)
