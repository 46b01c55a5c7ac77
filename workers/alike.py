"""What equal responses have in common is judged once: sites of a fleet, and of a host, share their headers.

A look judges one thing of a response: what a check finds, say. It depends on the response's likeness, on the
answers to the questions that it asked besides, and on what it read that no two responses need have in common.
A look that only asked is not taken again where likeness and answers are the same; one that read is, and what
it finds is put into the draft that the others left. What it asked before it read counts among the questions,
too: whether it reads at all may hang on that.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import lru_cache
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

from workers.noting import Question
from workers.response import Response

KEPT_OCTETS: Final = 33_554_432  # a worker's: some 2,000 reports of 10 KiB, each with what it was made of
KEPT_OF_ONE: Final = 64  # drafts of one likeness: one whose every response answers otherwise is begun anew
LISTS_KEPT: Final = 1_024  # of questions
LARGEST: Final = 65_536  # octets of a whole that is kept: a hostile report would push out hundreds

R = TypeVar("R", bound=Response)
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Results = tuple[Hashable, ...]
Look = Callable[[R], Iterable[Hashable]]


class Draft(Protocol[T_co]):
    """What came of the looks that only asked."""

    def finish(self, anew: Sequence[Results], /) -> T_co:
        """The whole, with what the others found, in their order."""
        ...


class _Kept(NamedTuple, Generic[R, T]):
    """The draft for all who answer alike, and the looks to be taken at each of them besides; the whole where
    there are none."""

    whole: T | None
    draft: Draft[T]
    again: tuple[Look[R], ...]


class _Family(Generic[R, T]):
    """All that is kept of one likeness: by the questions that were asked, and by their answers.

    Mostly all are asked the same. Where it hangs on an answer what is asked next, there are several lists of
    questions, whose answers are told apart by one of them.
    """

    __slots__ = ("asked", "count", "octets")

    def __init__(self) -> None:
        self.asked: dict[tuple[Question, ...], dict[tuple[Hashable, ...], _Kept[R, T]]] = {}
        self.count = self.octets = 0


class Alike(Generic[R, T]):
    """Takes the looks that a selection names, and joins what they found into one whole."""

    def __init__(
        self,
        looks_of: Callable[[str, R], Sequence[Look[R]]],
        draft: Callable[[list[Results | None]], Draft[T]],
        weigh: Callable[[T], int],
    ) -> None:
        """`looks_of` goes by the selection, the response's likeness and what it asks. It may raise; so may a
        look: nothing is kept then. `draft` is given what each look found, None for those to be taken again.
        `weigh` tells octets."""
        self._looks_of, self._draft, self._weigh = looks_of, draft, weigh
        self._families: dict[tuple[str, Hashable], _Family[R, T]] = {}  # the oldest first
        self._octets = 0

    def judge(self, selection: str, response: R) -> T:
        """The whole, as if every look had been taken."""
        key = selection, response.likeness
        family = self._families.get(key)
        if family is not None:
            for questions, by_answers in family.asked.items():
                answers = tuple([question(response) for question in questions])
                kept = by_answers.get(answers)
                if kept is None:
                    continue
                whole, draft, again = kept
                if whole is not None:  # as mostly
                    return whole
                response.asked = dict(zip(questions, answers, strict=True))  # what the looks are to ask anew
                return draft.finish([tuple(look(response)) for look in again])
        return self._learn(key, response)

    def forget(self) -> None:
        """Begin as a new worker does."""
        self._families.clear()
        self._octets = 0

    def _learn(self, key: tuple[str, Hashable], response: R) -> T:
        found: list[Results | None] = []
        again: list[Look[R]] = []
        anew: list[Results] = []
        # Others' questions have been put to it in vain: what they asked and read themselves is not its own.
        response.asked, response.was_read = {}, False
        for look in self._looks_of(key[0], response):
            result = tuple(look(response))
            if response.was_read:
                response.was_read = False
                again.append(look)
                anew.append(result)
                found.append(None)
            else:
                found.append(result)
        draft = self._draft(found)
        whole = draft.finish(anew)
        weight = self._weigh(whole)
        if weight <= LARGEST:
            family = self._room_for(key, octets=2 * weight)  # as it is written, and what it was made of
            by_answers = family.asked.setdefault(_share(tuple(response.asked)), {})
            by_answers[tuple(response.asked.values())] = _Kept(None if again else whole, draft, tuple(again))
        return whole

    def _room_for(self, key: tuple[str, Hashable], octets: int) -> _Family[R, T]:
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
        return family

    def _drop(self, key: tuple[str, Hashable]) -> None:
        self._octets -= self._families.pop(key).octets


@lru_cache(maxsize=LISTS_KEPT)
def _share(questions: tuple[Question, ...]) -> tuple[Question, ...]:
    """One object for all lists that are equal, as most are: what is used for each record is near at hand."""
    return questions
