"""Whose chunk is begun next: fair between jobs, by their priorities. No store, no clock.

A job that has no chunk under way is next even where there is no room, so none stands still behind others: a
small one is never behind a long one. What room there is goes to jobs in proportion to their priorities, by
stride scheduling (Waldspurger and Weihl, 1995): a job is as far as the chunks that it was given, divided by
its priority, and the one that is least far is next.
"""

from collections import Counter

from service.jobs.model import Job


class Turns:
    """The jobs that have chunks to be begun, and what they have under way."""

    def __init__(self) -> None:
        self._jobs: dict[int, Job] = {}
        self._standing: dict[int, None] = {}  # those without a chunk under way, who came first in front
        self._under_way: Counter[int] = Counter()
        self._far: dict[int, float] = {}
        self._now = 0.0  # how far the one is that was next last: who comes new begins there, not before

    def __contains__(self, number: int) -> bool:
        return number in self._jobs

    def add(self, job: Job) -> None:
        """It has chunks to be begun."""
        if job.number in self._jobs:
            return
        self._jobs[job.number] = job
        self._far[job.number] = self._now
        if not self._under_way[job.number]:
            self._standing[job.number] = None

    def remove(self, number: int) -> None:
        """It has none, or will not be gone on with."""
        self._jobs.pop(number, None)
        self._far.pop(number, None)
        self._standing.pop(number, None)

    def next(self, *, has_room: bool) -> Job | None:
        """Whose chunk is to be begun; None where nobody's is."""
        number = next(iter(self._standing), None)
        if number is None and has_room and self._jobs:
            number = min(self._jobs, key=self._far.__getitem__)
        return None if number is None else self._jobs[number]

    def begin(self, job: Job) -> None:
        """A chunk of it is under way, from now until `end`."""
        self._under_way[job.number] += 1
        self._standing.pop(job.number, None)
        if job.number in self._far:
            self._now = max(self._now, self._far[job.number])
            self._far[job.number] += 1 / job.priority

    def end(self, job: Job) -> None:
        """One chunk of it is done, or given up."""
        self._under_way[job.number] -= 1
        if self._under_way[job.number] <= 0:
            del self._under_way[job.number]
            if job.number in self._jobs:
                self._standing[job.number] = None
