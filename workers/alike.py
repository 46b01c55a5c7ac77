"""What equal responses have in common is judged once: sites of a fleet, and of a host, share their headers.

A look judges one thing of a response: what a check finds, say. It depends on the response's likeness, on the
answers to the questions that it asked besides, and on what it read that no two responses need have in common.
A look that only asked is not taken again where likeness and answers are the same; one that read is, and what
it finds is put into the draft that the others left. What it asked before it read counts among the questions,
too: whether it reads at all may hang on that.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Final, Generic, Protocol, TypeVar

from workers.response import Question, Response

KEPT_OCTETS: Final = 33_554_432  # a worker's: some 2,000 reports of 10 KiB, each with what it was made of
KEPT_OF_ONE: Final = 64  # drafts of one likeness: one whose every response answers otherwise is begun anew
LARGEST: Final = 65_536  # octets of a whole that is kept: a hostile report would push out hundreds

R = TypeVar("R", bound=Response)
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Results = tuple[Hashable, ...]
Look = Callable[[R], Results]


class Draft(Protocol[T_co]):
    """What came of the looks that only asked."""

    def finish(self, anew: Sequence[Results], /) -> T_co:
        """The whole, with what the others found, in their order."""
        ...


class _Shared(Generic[R, T]):
    """The draft that responses share, and the looks that each of them is to be taken besides."""

    __slots__ = ("again", "draft")

    def __init__(self, draft: Draft[T], again: list[Look[R]]) -> None:
        self.draft, self.again = draft, again


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
        draft: Callable[[list[Results | None]], Draft[T]],
        weigh: Callable[[T], int],
    ) -> None:
        """`looks_of` goes by the selection and the response's likeness alone. It may raise; so may a look:
        nothing is kept then. `draft` is given what each look found, None for those to be taken again.
        `weigh` tells octets."""
        self._looks_of, self._draft, self._weigh = looks_of, draft, weigh
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
        shared: _Shared[R, T] = node
        return shared.draft.finish([look(response) for look in shared.again])

    def forget(self) -> None:
        """Begin as a new worker does."""
        self._families.clear()
        self._octets = 0

    def _learn(self, key: tuple[str, Hashable], response: R) -> T:
        found: list[Results | None] = []
        again: list[Look[R]] = []
        anew: list[Results] = []
        for look in self._looks_of(key[0], response):
            response.was_read = False
            result = look(response)
            if response.was_read:
                again.append(look)
                anew.append(result)
            found.append(None if response.was_read else result)
        draft = self._draft(found)
        whole = draft.finish(anew)
        if self._keep(key, whole):
            _plant(self._families[key].ways, response.asked, _Shared(draft, again))
        return whole

    def _keep(self, key: tuple[str, Hashable], whole: T) -> bool:
        """Whether there is room for one more draft of this likeness, of which such wholes come."""
        octets = 2 * self._weigh(whole)  # as it is written, and what it was made of
        if octets > 2 * LARGEST:
            return False
        family = self._families.get(key)
        if family is not None and family.count >= KEPT_OF_ONE:
            self._drop(key)
            family = None
        if family is None:
            family = self._families[key] = _Family()
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
