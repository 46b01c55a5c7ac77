"""What moves along the flow on the event loop's side, before it goes over to the workers."""

from collections.abc import Awaitable, Callable

from msgspec import Struct

from workers.model import Verdict

Deliver = Callable[[Verdict], Awaitable[None]]
"""Takes one finished record. Awaiting it is backpressure: a slow sink slows what feeds it."""


class Target(Struct, frozen=True):
    """One URL of the input as it was written; `seq` counts from 1. `fault` says why the line is no URL
    at all (undecodable bytes, say), where that was seen while it was read."""

    seq: int
    input: str
    fault: str | None = None
