"""What equal responses have in common is judged once: sites of a fleet, and of a host, share their headers.

A look judges one thing of a response: what a check finds, say. It depends on the response's likeness, on the
answers to the questions that it asked besides, and on what it read that no two responses need have in common.
A look that only asked is not taken again where likeness and answers are the same; one that read is, and where
it comes to the same, the same whole comes out. What it asked before it read counts among the questions, too:
whether it reads at all may hang on that.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Final, Generic, TypeVar

from workers.response import Question, Response

KEPT_OCTETS: Final = 33_554_432  # a worker's: some 2,000 reports of 10 KiB, each with what it was made of
KEPT_OF_ONE: Final = 64  # wholes of one likeness: one whose every response is found other is begun anew
LARGEST: Final = 65_536  # octets of a whole that is kept: a hostile report would push out hundreds

R = TypeVar("R", bound=Response)
T = TypeVar("T")
Results = tuple[Hashable, ...]
Look = Callable[[R], Results]


class _Shared(Generic[R, T]):
    """What the looks found that only asked, each in its place; those to be taken again; what came of all."""

    __slots__ = ("again", "found", "wholes")

    def __init__(self, found: list[Results | None], again: list[Look[R]]) -> None:
        self.found = found
        self.again = again
        self.wholes: dict[tuple[Results, ...], T] = {}


class _Fork:
    """The next question that was asked, and where each answer leads."""

    __slots__ = ("question", "ways")

    def __init__(self, question: Question) -> None:
        self.question = question
        self.ways: dict[Hashable, Any] = {}


class _Family:
    """All that is kept of one likeness: a tree of questions, whose first one is under None.

    Looks are pure, so whoever has given the same answers so far is asked the same next.
    """

    __slots__ = ("count", "octets", "ways")

    def __init__(self) -> None:
        self.ways: dict[Hashable, Any] = {}
        self.count = self.octets = 0


class Alike(Generic[R, T]):
    """Takes the looks that a selection names, and joins what they found into one whole."""

    def __init__(
        self,
        looks_of: Callable[[str, R], Sequence[Look[R]]],
        join: Callable[[list[Results]], T],
        weigh: Callable[[T], int],
    ) -> None:
        """`looks_of` goes by the selection and the response's likeness alone. It may raise; so may a look:
        nothing is kept then. `weigh` tells octets."""
        self._looks_of, self._join, self._weigh = looks_of, join, weigh
        self._families: dict[tuple[str, Hashable], _Family] = {}  # the oldest first
        self._octets = 0

    def judge(self, selection: str, response: R) -> T:
        """The whole, as if every look had been taken."""
        key = selection, response.likeness
        family = self._families.get(key)
        node = None if family is None else family.ways.get(None)
        while type(node) is _Fork:
            node = node.ways.get(node.question(response))
        if node is None:
            return self._learn(key, response)
        again = tuple([look(response) for look in node.again])
        whole: T | None = node.wholes.get(again)
        if whole is None:
            anew = iter(again)
            whole = self._join([next(anew) if found is None else found for found in node.found])
            self._keep(key, node, again, whole)
        return whole

    def forget(self) -> None:
        """Begin as a new worker does."""
        self._families.clear()
        self._octets = 0

    def _learn(self, key: tuple[str, Hashable], response: R) -> T:
        found: list[Results | None] = []
        results: list[Results] = []
        again: list[Look[R]] = []
        anew: list[Results] = []
        for look in self._looks_of(key[0], response):
            response.was_read = False
            result = look(response)
            results.append(result)
            if response.was_read:
                again.append(look)
                anew.append(result)
                found.append(None)
            else:
                found.append(result)
        whole = self._join(results)
        shared: _Shared[R, T] = _Shared(found, again)
        if self._keep(key, shared, tuple(anew), whole):
            _plant(self._families[key].ways, response.asked, shared)
        return whole

    def _keep(
        self, key: tuple[str, Hashable], shared: _Shared[R, T], again: tuple[Results, ...], whole: T
    ) -> bool:
        octets = 2 * self._weigh(whole)  # as it is written, and what it was made of
        if octets > 2 * LARGEST:
            return False
        family = self._families.get(key)
        if family is not None and family.count >= KEPT_OF_ONE:
            self._drop(key)
            family = None
        if family is None:
            family = self._families[key] = _Family()
        shared.wholes[again] = whole
        family.count += 1
        family.octets += octets
        self._octets += octets
        while self._octets > KEPT_OCTETS and len(self._families) > 1:
            self._drop(next(iter(self._families)))
        return True

    def _drop(self, key: tuple[str, Hashable]) -> None:
        self._octets -= self._families.pop(key).octets


def _plant(ways: dict[Hashable, Any], asked: dict[Question, Hashable], shared: _Shared[Any, Any]) -> None:
    """Let these answers lead to what was found."""
    way: Hashable = None
    for question, answer in asked.items():
        fork = ways.get(way)
        if type(fork) is not _Fork or fork.question != question:
            fork = ways[way] = _Fork(question)
        ways, way = fork.ways, answer
    ways[way] = shared
