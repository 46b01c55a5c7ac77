"""A distribution in bounded memory: counts in buckets each a tenth wider than the one before."""

from math import log
from typing import Final

LEAST_MS: Final = 0.01  # below that all is "nothing"
GROWTH: Final = 1.1  # a quantile is told within a tenth of its value
BUCKETS: Final = 200  # up to half an hour

_SCALE: Final = 1 / log(GROWTH)


class Distribution:
    """Durations in milliseconds."""

    def __init__(self) -> None:
        self.count = 0
        self.maximum = 0.0
        self._total = 0.0
        self._counts = [0] * BUCKETS

    def add(self, value_ms: float) -> None:
        self.count += 1
        self._total += value_ms
        if value_ms > self.maximum:
            self.maximum = value_ms
        bucket = 0 if value_ms <= LEAST_MS else min(BUCKETS - 1, 1 + int(log(value_ms / LEAST_MS) * _SCALE))
        self._counts[bucket] += 1

    @property
    def mean(self) -> float:
        """0 where nothing was added."""
        return self._total / self.count if self.count else 0.0

    def quantile(self, share: float) -> float:
        """The value that `share` (0 to 1) of all lie at or below: its bucket's end, at most the maximum."""
        wanted, seen = share * self.count, 0
        for bucket, count in enumerate(self._counts):
            seen += count
            if count and seen >= wanted:
                return min(LEAST_MS * GROWTH**bucket, self.maximum)
        return self.maximum
