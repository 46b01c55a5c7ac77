"""The port behind which jobs are kept.

A chunk of a job's list is leased, done, or to be done again; nothing else knows of crashes. Work is done at
least once, and records are unique by job and `seq`, so results are there exactly once. A lease has an owner,
and what an owner writes counts only while the lease is its own. Every method raises `StoreFailed` where the
store cannot do it now, and may be called again: what it did is all done or not at all.

A store that is lost (its files are damaged, say) may be opened again while all else goes on: then no lease
from before is anybody's, and what is kept may be older than what was seen of it. A job's number is never
another's while a daemon runs, so what is gone is not mistaken.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from service.jobs.fault import Fault
from service.jobs.model import Chunk, Job, Line, Selection, State, Terms, Webhook, Written
from service.model import Target


class StoreFailed(Exception):  # noqa: N818 - an expected state of a disk
    """The store cannot be read or written now, because of `fault`."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


class JobGone(Exception):  # noqa: N818 - an expected state of a job
    """The job is not there any more: it was deleted, or the store that was opened again has none of it."""


class Store(Protocol):
    """Keeps jobs. Whoever opens it owns what it leases."""

    @property
    def fault(self) -> Fault | None:
        """Why it cannot be written now."""

    @property
    def states(self) -> Mapping[State, int]:
        """How many jobs there are in each state."""

    @property
    def waiting(self) -> int:
        """URLs of open jobs that have no record."""

    @property
    def unwritten(self) -> int:
        """What waits to be written."""

    def follow_openings(self, tell: Callable[[], None]) -> None:
        """Have it called, on the event loop, when the store has been opened again, before anything else is
        done to it."""

    async def begin(self, id_: str, terms: Terms, key: str | None, oldest_key: float) -> Job | None:
        """A new job that nobody sees until it is accepted. None where `key` is taken by one that was begun
        later than `oldest_key`."""

    async def find_key(self, key: str) -> tuple[Job | None, bytes | None]:
        """The job that was begun by a key, and its body's digest; None twice while it is not accepted."""

    async def set_terms(self, job: Job, terms: Terms) -> None:
        """Terms that came behind the list. Raises JobGone, as `add` and `accept` do."""

    async def add(self, job: Job, targets: Sequence[Target]) -> None:
        """More of its list, `seq` going on from what was added before."""

    async def accept(self, job: Job, total: int, digest: bytes) -> Job:
        """The list is whole. What has been accepted survives a crash."""

    async def abandon(self, job: Job) -> None:
        """It was not accepted, and leaves nothing, its key neither."""

    async def find(self, id_: str) -> Job | None:
        """A job that was accepted."""

    async def jobs(self, wanted: Selection, before: int | None, limit: int) -> list[Job]:
        """The newest first, from below the number `before`."""

    async def open_jobs(self) -> list[Job]:
        """All that are not finished, the oldest first."""

    async def lease(self, job: int) -> Chunk | None:
        """A chunk that is to be done, now leased; None where there is none."""

    async def write(self, records: Sequence[Written]) -> set[int]:
        """Keep records, and count them; returns which jobs have ended by that."""

    async def give_back(self, job: int, chunk: int) -> None:
        """End a lease: what of the chunk has no record is to be done again."""

    async def read(self, job: Job, after: int, limit: int, limit_bytes: int) -> list[Line]:
        """Records in the order of completion, from behind the position `after`: at most `limit`, and none
        more once they have `limit_bytes`. Raises JobGone for a job that is not there any more."""

    async def webhooks(self, limit: int) -> list[Job]:
        """Jobs that have ended and whose webhooks are still to be sent, the earliest due first."""

    async def settle_webhook(self, job: Job, webhook: Webhook) -> None:
        """How the last attempt went."""

    async def cancel(self, job: Job) -> Job:
        """No more records for an open job; one that has ended stays as it is. Raises JobGone."""

    async def delete(self, job: Job) -> bool:
        """The job and its records are gone, and their space is the disk's again. False where it is open, or
        gone already, and nothing was done."""

    async def ended_first(self) -> Job | None:
        """Of the jobs that have ended, the one that did so first."""

    async def size_bytes(self) -> int:
        """What all that is kept takes up."""
