"""Which URLs may have killed a loop's process, and how many it may have at once until that is known.

With each death half as many are given at once, so that what kills is alone in the end. One death proves
nothing, even then: a process can die of other causes (the OOM killer, an operator).
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final

Key = tuple[int, int]
"""The number of a run, and a URL's `seq` in it."""

ALONE_DEATHS: Final = 3  # as of a worker


class Suspicion:
    """`window` is how many URLs the process may have; `limit` where nothing is suspected."""

    def __init__(self, limit: int) -> None:
        self.window = limit
        self._limit = limit
        self._suspects: set[Key] = set()
        self._alone: Counter[Key] = Counter()

    def died_with(self, keys: Iterable[Key]) -> int:
        """The process has died, with these. Returns how often it has with this one, where it is only one and
        that is proof enough; else 0."""
        suspects = set(keys)
        if not suspects:
            return 0
        self._suspects = suspects
        self.window = max(1, len(suspects) // 2)
        if len(suspects) > 1:
            return 0
        (suspect,) = suspects
        self._alone[suspect] += 1
        deaths = self._alone[suspect]
        return deaths if deaths >= ALONE_DEATHS else 0

    def acquit(self, key: Key) -> None:
        """It has its record. Once nothing is suspected any more, the process may have as much as before."""
        if self._suspects:
            self._suspects.discard(key)
            self._end_if_over()

    def acquit_run(self, run: int) -> None:
        """All of a run is over."""
        if self._suspects:
            self._suspects = {suspect for suspect in self._suspects if suspect[0] != run}
            self._end_if_over()

    def _end_if_over(self) -> None:
        if not self._suspects:
            self._alone.clear()
            self.window = self._limit
