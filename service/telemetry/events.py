"""The events of the flow, and the hooks that receive them.

The core emits; it does not know who listens. A hook is called on the event loop, so it must be quick, and
it must not raise.
"""

from collections.abc import Callable, Sequence
from typing import Literal

from msgspec import Struct

from workers.model import Gathered, Verdict

Spent = tuple[float | None, float | None, float | None, float | None]
"""Milliseconds of one hop's phases: resolve, connect, TLS, response."""


class Fetched(Struct, frozen=True):
    """A URL's fetch ended, well or not; its phases' times are in it."""

    gathered: Gathered


class Timed(Struct, frozen=True):
    """URLs were fetched by another process, which kept what it got; told is what the phases of each hop took.
    Of such a URL there is no `Fetched`."""

    spent: list[Spent]


class Inspected(Struct, frozen=True):
    """A URL's record is finished."""

    verdict: Verdict


class FetchCrashed(Struct, frozen=True):
    """A fetch raised what it should not have: a bug. Its record says `internal`."""

    url: str
    error: BaseException


class WorkerRestarted(Struct, frozen=True):
    """A worker process died and was replaced."""


class LoopRestarted(Struct, frozen=True):
    """The process of one of several event loops died and was replaced."""


class LoopLagged(Struct, frozen=True):
    """How much later than asked for the event loop woke: 0 is a loop that nothing blocks."""

    lag_s: float


class RequestAnswered(Struct, frozen=True):
    """One request to the API was answered. `route` is the pattern that matched, never the path; `client` the
    name of its token, never the token."""

    request_id: str
    route: str
    method: str
    status: int
    duration_s: float
    client: str | None = None


class ProbeEnded(Struct, frozen=True):
    """A target was probed. `module` is the name of one that there is."""

    module: str
    success: bool


class ConfigurationRead(Struct, frozen=True):
    """Modules and tokens were read, again or for the first time; `faults` say why what was read is not used.
    `modules` are those in use now."""

    modules: tuple[str, ...]
    faults: tuple[str, ...] = ()


class WebhookTried(Struct, frozen=True):
    """A job's end was told, or was to be: `outcome` is `waiting` where it will be tried again. Where there is
    no `status`, `failure` is the code of what failed."""

    job: str
    outcome: Literal["waiting", "delivered", "failed"]
    attempts: int
    status: int | None
    failure: str | None


class JobExpired(Struct, frozen=True):
    """A job that had ended was removed, since it was too old or all were too large."""

    job: str
    limit: Literal["age", "size"]


Event = (
    Fetched
    | Timed
    | Inspected
    | FetchCrashed
    | WorkerRestarted
    | LoopRestarted
    | LoopLagged
    | RequestAnswered
    | ProbeEnded
    | ConfigurationRead
    | WebhookTried
    | JobExpired
)
Hook = Callable[[Event], None]


def fan_out(hooks: Sequence[Hook]) -> Hook:
    """One hook that calls each in turn."""
    if len(hooks) == 1:
        return hooks[0]

    def emit(event: Event) -> None:
        for hook in hooks:
            hook(event)

    return emit
