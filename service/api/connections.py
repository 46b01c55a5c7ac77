"""How many clients may be connected, and which gives way to the next where there is no room.

One that is not being answered does, the longest idle first: connections that only stand there, or send a
head byte by byte, keep nobody out, however many they are. Where all are being answered there is no room.
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
        self._answering: set[GivesWay] = set()

    def __len__(self) -> int:
        return len(self._idle) + len(self._answering)

    def enter(self, connection: GivesWay) -> bool:
        """Whether there is room, after another has given way if need be."""
        if len(self) >= self.limit:
            if not self._idle:
                return False
            oldest, _ = self._idle.popitem(last=False)
            oldest.give_way()
        self._idle[connection] = None
        return True

    def answer(self, connection: GivesWay) -> None:
        """It is being answered from now on, if it is one of ours."""
        if connection in self._idle:
            del self._idle[connection]
            self._answering.add(connection)

    def idle(self, connection: GivesWay) -> None:
        """It has its answer."""
        if connection in self._answering:
            self._answering.remove(connection)
            self._idle[connection] = None

    def leave(self, connection: GivesWay) -> None:
        self._idle.pop(connection, None)
        self._answering.discard(connection)


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
