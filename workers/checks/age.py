"""Age (RFC 9111 section 5.1): how long ago, by a cache's account, the response left its origin."""

from collections.abc import Iterator

from msgspec import Struct

from workers.check import Check, Rule, removal
from workers.checks.cache_control.policy import age, lifetime_by_dates, read_policy
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


class _Freshness(Struct, frozen=True):
    """How long Cache-Control says that the response is fresh (None: it does not), and for how much longer
    caches may answer with it; in seconds."""

    said: int | None
    stale: int


def run(response: Response) -> Iterator[Finding]:
    if not response.has(FIELD):
        return
    policy = read_policy(response)
    said = next((age(policy, name) for name in ("s-maxage", "max-age") if name in policy), None)
    freshness = _Freshness(said, max(age(policy, "stale-while-revalidate"), age(policy, "stale-if-error")))
    if not response.ask(_IsSound(freshness)):
        yield from _judge(response, freshness)


class _IsSound(Struct, frozen=True):
    """Whether the age gives no cause to be told of, as most give none."""

    freshness: _Freshness

    def __call__(self, response: Response) -> bool:
        return next(_judge(response, self.freshness), None) is None


def _judge(response: Response, freshness: _Freshness) -> Iterator[Finding]:
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
    lifetime = lifetime_by_dates(response) if freshness.said is None else freshness.said
    if not lifetime:
        return  # it is not said; or what a cache must not answer with unasked, which it may keep for itself
    if seconds > lifetime + freshness.stale:
        yield BEYOND.found(value, age=seconds, lifetime=lifetime)


CHECK = Check(
    id="age",
    title="Age",
    why="Tells caches how much of a response's time is gone.",
    reference="RFC 9111 section 5.1",
    rules=(MALFORMED, REPEATED, BEYOND),
    run=run,
    needs=(FIELD,),
)
