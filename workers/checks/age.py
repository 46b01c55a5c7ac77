"""Age (RFC 9111 section 5.1): how long ago, by a cache's account, the response left its origin."""

from collections.abc import Iterator
from dataclasses import dataclass

from workers.check import Check, Rule, removal
from workers.checks.cache_control.policy import age, explicit_lifetime, read_policy
from workers.model import Finding
from workers.response import Response
from workers.syntax.cache_control import LIMIT, parse_seconds

FIELD = "Age"

MALFORMED = Rule(
    id="age-malformed",
    severity="low",
    field=FIELD,
    message="Age is no number of seconds, so caches ignore it and count from now.",
    why="What is old already is then kept as if it were new.",
    fix=removal(FIELD),
    reference="RFC 9111 section 5.1",
)
REPEATED = Rule(
    id="age-repeated",
    severity="low",
    field=FIELD,
    message="Age has several values; caches ought to take the first.",
    why="A cache has to replace the field by its own sum, not to add another.",
    fix="Send one value",
    reference="RFC 9111 section 5.1",
)
BEYOND = Rule(
    id="age-beyond-freshness",
    severity="info",
    field=FIELD,
    message="The response is {age} seconds old and was fresh for {lifetime}: every client gets it stale.",
    why="A cache on the way keeps it for longer than it says, so no client can store it usefully.",
    fix="Let the cache on the way ask the origin in time, or allow a longer max-age",
    reference="RFC 9111 section 4.2",
)


@dataclass(frozen=True, slots=True)
class _Freshness:
    """How long the response is fresh, and how long caches may answer with it; in seconds."""

    lifetime: int
    allowed: int


def run(response: Response) -> Iterator[Finding]:
    if not response.has(FIELD):
        return
    freshness = _read_freshness(response)
    if not response.ask(_IsSound(freshness)):
        yield from _judge(response, freshness)


@dataclass(frozen=True, slots=True)
class _IsSound:
    """Whether the age gives no cause to be told of, as most give none."""

    freshness: _Freshness | None

    def __call__(self, response: Response) -> bool:
        return next(_judge(response, self.freshness), None) is None


def _read_freshness(response: Response) -> _Freshness | None:
    """None where it is not said, or where it is not fresh at all: what a cache is told not to answer with
    unasked it may keep for itself."""
    policy = read_policy(response)
    lifetime = explicit_lifetime(response, policy, shared=True)
    if lifetime is None or lifetime <= 0:
        return None
    stale = max(age(policy, "stale-while-revalidate"), age(policy, "stale-if-error"))
    return _Freshness(lifetime, lifetime + stale)


def _judge(response: Response, freshness: _Freshness | None) -> Iterator[Finding]:
    value = response.combined(FIELD)
    if value is None:
        return
    first, *others = [part.strip(" \t") for part in value[:LIMIT].split(",")]
    seconds = parse_seconds(first)
    if seconds is None:
        yield MALFORMED.found(value)
        return
    if others:
        yield REPEATED.found(value, fix=f"{FIELD}: {seconds}")
    if freshness is not None and seconds > freshness.allowed:
        yield BEYOND.found(value, age=seconds, lifetime=freshness.lifetime)


CHECK = Check(
    id="age",
    title="Age",
    why="Tells caches how much of a response's time is gone.",
    reference="RFC 9111 section 5.1",
    rules=(MALFORMED, REPEATED, BEYOND),
    run=run,
    needs=(FIELD,),
)
