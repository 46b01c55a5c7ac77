"""What a job is, to whoever stores, runs or shows one."""

from collections.abc import Iterator
from typing import Final, Literal

from msgspec import Struct

from service.model import Target

State = Literal["queued", "running", "done", "cancelled"]
STATES: Final[tuple[State, ...]] = ("queued", "running", "done", "cancelled")
OPEN: Final[tuple[State, ...]] = ("queued", "running")

# What a job may have: of two that are long, one of priority 9 is given nine chunks to one of the other's.
LEAST_PRIORITY, PRIORITY, MOST_PRIORITY = 1, 5, 9
CHUNK_URLS: Final = 128  # what is leased at once: a few to fill the concurrency, a small loss to begin again


class Terms(Struct, frozen=True):
    """How a job is to be done, and the URL that its end is told. `options` is JSON that the store does not
    look into."""

    options: bytes
    priority: int = PRIORITY
    webhook: str | None = None


class Selection(Struct, frozen=True):
    """Which jobs are wanted: all, or those that are as each member says that is not None. Times are seconds
    since the epoch."""

    state: State | None = None
    created_after: float | None = None
    created_before: float | None = None


class Webhook(Struct, frozen=True):
    """Where a job's end is told, and how that went: the last attempt's `status`, or `failure`, a code. It is
    `due_at` seconds since the epoch; None while the job is open, and once nothing more will be tried."""

    url: str
    outcome: Literal["waiting", "delivered", "failed"] = "waiting"
    attempts: int = 0
    due_at: float | None = None
    status: int | None = None
    failure: str | None = None


class Job(Struct, frozen=True):
    """`id` is what users name it by; `number` is the store's own. Times are seconds since the epoch."""

    id: str
    number: int
    state: State
    total: int
    ok: int
    error: int
    created_at: float
    finished_at: float | None
    options: bytes
    priority: int = PRIORITY
    webhook: Webhook | None = None

    @property
    def done(self) -> int:
        return self.ok + self.error

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


class Chunk(Struct, frozen=True):
    """A part of a job's list that has been leased: its targets that have no record yet."""

    job: int
    number: int
    targets: list[Target]


class Written(Struct, frozen=True, array_like=True):
    """A finished record, of whose chunk, and whether it is an error's."""

    job: int
    chunk: int
    seq: int
    line: bytes
    is_error: bool


class Line(Struct, frozen=True):
    """A stored record. `position` counts a job's records from 1 in the order of their completion."""

    position: int
    seq: int
    line: bytes


def cut(targets: list[Target]) -> Iterator[list[Target]]:
    """In chunks."""
    for begin in range(0, len(targets), CHUNK_URLS):
        yield targets[begin : begin + CHUNK_URLS]
