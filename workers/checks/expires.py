"""Expires (RFC 9111 section 5.3) beside Cache-Control: which of the two says how long a response is fresh.

How the date is written is `http_dates`.
"""

from collections.abc import Iterator
from typing import Final

from workers.check import Check, Rule, removal
from workers.checks.cache_control.policy import (
    Policy,
    age,
    explicit_lifetime,
    forbids_storing,
    governs_all,
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
    if not response.has(FIELD):
        return
    policy = read_policy(response)
    if not policy:
        return
    told = explicit_lifetime(response, {}, shared=False)  # by Expires, without Cache-Control
    if told is None:
        return
    forbidden = _forbidden(policy)
    if forbidden is not None:
        if told > TOLERANCE_S:
            yield FORBIDDEN.found(response.values(FIELD)[0], other=forbidden)
    elif "max-age" in policy:
        kept = age(policy, "max-age")
        if abs(told - kept) > TOLERANCE_S:
            yield OVERRIDDEN.found(response.values(FIELD)[0], expires=told, other=kept)


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
