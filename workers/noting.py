"""How a response notes what is asked of it, and that something else of it was read.

Owns the notes; what they are good for is told in `workers.alike`.
"""

from collections.abc import Callable, Hashable
from typing import Any, Self, TypeVar, cast

A = TypeVar("A", bound=Hashable)
Question = Callable[[Any], Hashable]
"""A pure function of a response. Two that ask the same are equal, so one with parameters is a value."""


class Noting:
    """What notes the questions about it. `was_read` tells that something which `likeness` does not hold was
    read as it is, `asked` are the questions about such things before any was, answered."""

    __slots__ = ("asked", "was_read")

    was_read: bool
    asked: dict[Question, Hashable]

    def ask(self: Self, question: Callable[[Self], A]) -> A:
        """The answer to a question about what `likeness` does not hold, on which alone depends what is found.

        It is to have few answers over many sites: whether the host is an address, say, not which host. What
        it asks or reads by itself is in its answer and not noted; nor is it itself, once something was read.
        """
        asked, was_read = self.asked, self.was_read
        if question in asked:
            return cast("A", asked[question])
        self.asked = {}
        answer = question(self)
        self.asked, self.was_read = asked, was_read
        if not was_read:
            asked[question] = answer
        return answer
