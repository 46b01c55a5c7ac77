"""Records in the order of the input, for lists short enough to be held back."""

from service.model import Deliver
from workers.model import Verdict


class InOrder:
    """Passes each record on once those before it have come. Every `seq` from 1 must come exactly once."""

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver
        self._next = 1
        self._early: dict[int, Verdict] = {}

    async def __call__(self, verdict: Verdict) -> None:
        self._early[verdict.seq] = verdict
        while (following := self._early.pop(self._next, None)) is not None:
            self._next += 1
            room = self._deliver(following)
            if room is not None:
                await room
