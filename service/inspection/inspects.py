"""What inspects lists of URLs, to those who have lists: one loop's `Inspector`, or several loops as one."""

from typing import Protocol

from service.inspection.fetch import FetchOptions
from service.inspection.source import Source
from service.model import Cut, Deliver


class Inspects(Protocol):
    """Inspects lists within one common concurrency, and tells how it stands."""

    @property
    def concurrency(self) -> int:
        """URLs in flight at once, at the most."""

    @property
    def inflight(self) -> int:
        """URLs being fetched."""

    @property
    def under_way(self) -> int:
        """URLs that have been begun, and have no record yet."""

    @property
    def queued(self) -> int:
        """Responses that wait for a worker."""

    @property
    def workers(self) -> int:
        """Worker processes."""

    @property
    def alive(self) -> bool:
        """Whether work is being done."""

    async def run(
        self, source: Source, options: FetchOptions, deliver: Deliver, cut: Cut | None = None
    ) -> None:
        """Inspect every target of the source and deliver exactly one record for each, as each is ready.

        `deliver` must not raise. Returns once all have been delivered. Where it is cancelled, `cut` is told
        what there was of each that had been begun.
        """
