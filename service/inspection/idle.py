"""Connections that wait for their origin's next request (RFC 9112 section 9.3).

Only those are kept that something is at hand for: a redirect or a GET after a refused HEAD, or URLs of the
host that were put aside. The usual case, one request to each of very many hosts, keeps none.
"""

from collections import OrderedDict
from time import monotonic
from typing import Final

from service.inspection.deadline import Bucket, Deadlines
from service.inspection.stream import Stream

IDLE_LIMIT: Final = 256  # each holds a descriptor, and with TLS some 30 KiB; the longest idle is closed first
SPURNED_LIMIT: Final = 4_096  # origins, some 1 MiB
IDLE_S: Final = 4.0  # below what servers wait, nginx 75 s and Apache 5: a request meets an open connection

Origin = tuple[str, str, int, bool]
"""Scheme, host, port, and whether the certificate was verified."""


class IdleConnections:
    """One instance a loop. A connection is in it by its origin, and belongs to it."""

    def __init__(self, deadlines: Deadlines) -> None:
        self.count = 0  # of those that are kept
        self._deadlines = deadlines
        self._kept: OrderedDict[_Kept, None] = OrderedDict()
        self._by_origin: dict[Origin, list[_Kept]] = {}
        self._spurned: OrderedDict[Origin, None] = OrderedDict()

    def keep(self, origin: Origin, stream: Stream) -> None:
        """Take it over, or close it where that has been of no use before. The longest idle makes room."""
        if origin in self._spurned or not self._is_clean(origin, stream):
            stream.close()
            return
        kept = _Kept(self, origin, stream)
        self._kept[kept] = None
        self.count += 1
        self._by_origin.setdefault(origin, []).append(kept)
        kept.bucket = self._deadlines.add(kept, monotonic() + IDLE_S)
        if self.count > IDLE_LIMIT:
            next(iter(self._kept)).expire()

    def take(self, origin: Origin) -> Stream | None:
        """The origin's connection that was used last, if one still stands."""
        while (same := self._by_origin.get(origin)) is not None:
            kept = same[-1]
            self.remove(kept)
            if self._is_clean(origin, kept.stream):
                return kept.stream
            kept.stream.close()
        return None

    def spurn(self, origin: Origin) -> None:
        """A second request came to nothing: keep no more of this origin."""
        self._spurned[origin] = None
        if len(self._spurned) > SPURNED_LIMIT:
            self._spurned.popitem(last=False)

    def remove(self, kept: "_Kept") -> None:
        kept.bucket.discard(kept)
        del self._kept[kept]
        self.count -= 1
        same = self._by_origin[kept.origin]
        same.remove(kept)
        if not same:
            del self._by_origin[kept.origin]

    def _is_clean(self, origin: Origin, stream: Stream) -> bool:
        """Whether nothing came behind an answer. What did is not all noticed in time, and would then be taken
        for the next answer: who says more than was asked for is not asked twice again."""
        if not stream.is_clean and stream.has_surplus():
            self.spurn(origin)
        return stream.is_clean

    def close(self) -> None:
        for kept in list(self._kept):
            kept.expire()


class _Kept:
    __slots__ = ("_pool", "bucket", "origin", "stream")

    def __init__(self, pool: IdleConnections, origin: Origin, stream: Stream) -> None:
        self._pool = pool
        self.origin = origin
        self.stream = stream
        self.bucket: Bucket = set()

    def expire(self) -> None:
        self._pool.remove(self)
        self.stream.close()
