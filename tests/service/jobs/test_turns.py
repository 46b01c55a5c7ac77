"""Whose chunk is next."""

from collections import Counter

import pytest

from service.jobs.model import Job
from service.jobs.turns import Turns


def job(number: int, priority: int = 5) -> Job:
    return Job(f"job{number}", number, "running", 1_000, 0, 0, 0.0, None, b"{}", priority)


def serve(turns: Turns, rounds: int) -> Counter[int]:
    """Begin a chunk of whoever is next, while there is room."""
    given: Counter[int] = Counter()
    for _ in range(rounds):
        following = turns.next(has_room=True)
        assert following is not None
        turns.begin(following)
        given[following.number] += 1
    return given


@pytest.mark.parametrize(("one", "other"), [(5, 5), (9, 1), (3, 2)])
def test_room_is_shared_by_priority(one: int, other: int) -> None:
    turns = Turns()
    turns.add(job(1, one))
    turns.add(job(2, other))
    given = serve(turns, 10 * (one + other))
    assert abs(given[1] - 10 * one) <= 1
    assert abs(given[2] - 10 * other) <= 1


def test_a_job_with_nothing_under_way_needs_no_room() -> None:
    turns = Turns()
    turns.add(job(1, 9))
    serve(turns, 5)
    assert turns.next(has_room=False) is None
    turns.add(job(2, 1))
    small = turns.next(has_room=False)
    assert small is not None
    assert small.number == 2
    turns.begin(small)
    assert turns.next(has_room=False) is None
    turns.end(small)
    assert turns.next(has_room=False) is small


def test_who_comes_late_is_not_owed_what_others_had() -> None:
    turns = Turns()
    turns.add(job(1))
    serve(turns, 1_000)
    turns.add(job(2))
    given = serve(turns, 100)
    assert abs(given[1] - given[2]) <= 2


def test_those_that_stand_come_in_the_order_of_their_arrival() -> None:
    turns = Turns()
    for number in (3, 1, 2):
        turns.add(job(number))
    assert list(serve(turns, 3)) == [3, 1, 2]


def test_a_job_that_is_removed_has_no_turn_and_may_come_again() -> None:
    turns = Turns()
    turns.add(job(1))
    serve(turns, 1)
    turns.remove(1)
    assert 1 not in turns
    assert turns.next(has_room=True) is None
    turns.end(job(1))
    turns.add(job(1))
    assert turns.next(has_room=False) == job(1)
