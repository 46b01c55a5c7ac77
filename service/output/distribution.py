"""A distribution in bounded memory: counts in buckets, eight to each doubling."""

from bisect import bisect_right
from typing import Final

STEPS: Final = 8  # buckets a doubling: a quantile is told within a tenth of its value
LEAST_MS: Final = 0.01  # up to that all is "nothing"
BUCKETS: Final = 256  # up to half a day
FRESH_LIMIT: Final = 1_024

_ENDS_MS: Final = [LEAST_MS * 2 ** (bucket / STEPS) for bucket in range(BUCKETS)]


class Distribution:
    """Durations in milliseconds. Read by the thread that adds to it.

    What is added is kept as it came, and counted some thousand at a time: that way one more costs a fifth.
    """

    def __init__(self) -> None:
        self._fresh: list[float] = []
        self._count = 0
        self._maximum = 0.0
        self._total = 0.0
        self._counts = [0] * BUCKETS

    def add(self, *values_ms: float) -> None:
        self._fresh += values_ms
        if len(self._fresh) >= FRESH_LIMIT:
            self._fold()

    @property
    def count(self) -> int:
        return self._count + len(self._fresh)

    @property
    def maximum(self) -> float:
        """0 where nothing was added."""
        return max(self._maximum, *self._fresh) if self._fresh else self._maximum

    def _fold(self) -> None:
        fresh = self._fresh
        self._fresh = []
        if not fresh:
            return
        fresh.sort()
        self._count += len(fresh)
        self._total += sum(fresh)
        self._maximum = max(self._maximum, fresh[-1])
        counted = 0
        for bucket, end_ms in enumerate(_ENDS_MS):
            below = bisect_right(fresh, end_ms, counted)
            self._counts[bucket] += below - counted
            counted = below
            if counted == len(fresh):
                return
        self._counts[-1] += len(fresh) - counted

    @property
    def mean(self) -> float:
        """0 where nothing was added."""
        self._fold()
        return self._total / self._count if self._count else 0.0

    def quantile(self, share: float) -> float:
        """The value that `share` (0 to 1) of all lie at or below: its bucket's end, at most the maximum."""
        self._fold()
        wanted, seen = share * self._count, 0
        for bucket, count in enumerate(self._counts):
            seen += count
            if count and seen >= wanted:
                return min(_ENDS_MS[bucket], self._maximum)
        return self._maximum
