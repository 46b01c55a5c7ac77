"""How many clients may be connected, and which gives way to the next where there is no room.

One that is idle does, or sends its head, the longest first; and then one that has a request: most of these
wait for their client, to send its body or to take its answer. So no crowd of slow clients keeps others out,
however many they are. Kept are those alone that work is done for, of which there is a bound elsewhere; where
all are, there is no room.
"""

import resource
from collections import OrderedDict
from typing import Protocol

from service.inspection.descriptors import RESERVED


class GivesWay(Protocol):
    def give_way(self) -> None:
        """Be gone at once."""


class Connections:
    """One listener's connections."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._idle: OrderedDict[GivesWay, None] = OrderedDict()
        self._answering: OrderedDict[GivesWay, None] = OrderedDict()
        self._kept: set[GivesWay] = set()

    def __len__(self) -> int:
        return len(self._idle) + len(self._answering) + len(self._kept)

    def enter(self, connection: GivesWay) -> bool:
        """Whether there is room, after another has given way if need be."""
        if len(self) >= self.limit:
            those = self._idle or self._answering
            if not those:
                return False
            oldest, _ = those.popitem(last=False)
            oldest.give_way()
        self._idle[connection] = None
        return True

    def answer(self, connection: GivesWay) -> None:
        """It has a request from now on, if it is one of ours."""
        if self._take(connection):
            self._answering[connection] = None

    def keep(self, connection: GivesWay) -> None:
        """Work is being done for it: until `answer` or `idle` it gives way to none."""
        if self._take(connection):
            self._kept.add(connection)

    def idle(self, connection: GivesWay) -> None:
        """It has its answer."""
        if self._take(connection):
            self._idle[connection] = None

    def leave(self, connection: GivesWay) -> None:
        self._take(connection)

    def _take(self, connection: GivesWay) -> bool:
        """Whether it was there."""
        if connection in self._kept:
            self._kept.remove(connection)
            return True
        for those in (self._idle, self._answering):
            if connection in those:
                del those[connection]
                return True
        return False


def afford(limit: int, concurrency: int) -> int:
    """Raise the soft limit of open files for so many connections, as far as the hard one allows.

    Returns how many there may be, beside the URLs in flight; at least one.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return limit
    wanted = soft + limit if hard == resource.RLIM_INFINITY else min(soft + limit, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(1, min(limit, wanted - concurrency - RESERVED))
