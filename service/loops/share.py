"""What one loop has of one list, and what of it has no record yet: the main process remembers that itself."""

import asyncio

from service.errors import Code
from service.inspection.chain import give_up
from service.inspection.dispatch import read_entry
from service.inspection.fetch import FetchOptions
from service.model import Cut, Deliver, Target
from workers.model import Verdict
from workers.record import record_only


class Run:
    """One list on its way. `size` is how many URLs it has, where that is known; `cut` hears what there was of
    each URL when it was cancelled, where somebody wants to know."""

    def __init__(
        self, number: int, options: FetchOptions, size: int | None, deliver: Deliver, cut: Cut | None
    ) -> None:
        self.number = number
        self.options = options
        self.size = size
        self.deliver = deliver
        self.cut = cut


class Share:
    """`inside` are the URLs that the loop's process has, by their `seq`; `waiting` counts those that it will
    be given. `is_ended` tells that no more will come, `is_draining` that what has not been begun never will
    be; `is_told` that the process knows."""

    __slots__ = ("inside", "is_draining", "is_ended", "is_told", "outgoing", "over", "run", "waiting")

    def __init__(self, run: Run) -> None:
        self.run = run
        self.inside: dict[int, Target] = {}
        self.outgoing: list[Target] = []  # a part of those inside, that is not yet sent
        self.waiting = 0
        self.is_ended = False
        self.is_draining = False
        self.is_told = False
        self.over = asyncio.Event()


def record_death(target: Target, options: FetchOptions, deaths: int) -> Verdict:
    """The record of a URL that has killed the process each time that it was there alone."""
    message = f"a loop's process died {deaths} times while it inspected this URL alone"
    gathered = give_up(read_entry(target, options.url_limit_bytes), message, "exchange")
    assert gathered.failure is not None  # noqa: S101 - that is what giving up means
    assert gathered.failure.code == Code.INTERNAL  # noqa: S101
    return record_only(gathered)
