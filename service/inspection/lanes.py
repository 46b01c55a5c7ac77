"""Two queues for one thing: what somebody waits for comes first, a job's URLs are patient.

Every fourth time it is the patient ones' turn all the same, so that neither can keep the other from it.
"""

from collections import deque
from typing import Final, Generic, TypeVar

T = TypeVar("T")
PATIENT_EVERY: Final = 4


class Lanes(Generic[T]):
    """What waits in each. Who takes asks `next` for the queue, and takes from that."""

    __slots__ = ("_turn", "patient", "prompt")

    def __init__(self) -> None:
        self.prompt: deque[T] = deque()
        self.patient: deque[T] = deque()
        self._turn = 0

    def __len__(self) -> int:
        return len(self.prompt) + len(self.patient)

    def of(self, *, patient: bool) -> deque[T]:
        return self.patient if patient else self.prompt

    def next(self) -> deque[T]:
        """The queue whose turn it is; an empty one where nothing waits."""
        if not self.patient:
            return self.prompt
        if not self.prompt:
            return self.patient
        self._turn += 1
        return self.prompt if self._turn % PATIENT_EVERY else self.patient
