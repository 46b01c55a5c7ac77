"""Whoever kills a process is found by halving, and nobody else is blamed."""

import pytest

from service.loops.suspicion import ALONE_DEATHS, Suspicion

LIMIT = 16_640


@pytest.mark.parametrize("place", [0, 1, 4_999, 9_998, 9_999])
def test_one_that_kills_is_found_in_a_few_deaths(place: int) -> None:
    """Those before it in the window have their records before it kills, and it is the last to come."""
    suspicion = Suspicion(LIMIT)
    left, deaths = list(range(10_000)), 0
    while True:
        inside = left[: suspicion.window]
        if place in inside:
            deaths += 1
            if suspicion.died_with((1, seq) for seq in inside):
                assert inside == [place]
                break
            quick = inside[: len(inside) // 2]  # before it kills again
        else:
            quick = inside
        for seq in quick:
            if seq != place:
                suspicion.acquit((1, seq))
                left.remove(seq)
    assert deaths <= 14 + ALONE_DEATHS
    suspicion.acquit((1, place))
    assert suspicion.window == LIMIT


def test_a_death_by_another_cause_is_forgotten() -> None:
    suspicion = Suspicion(LIMIT)
    assert not suspicion.died_with((1, seq) for seq in range(100))
    assert suspicion.window == 50
    for seq in range(100):
        suspicion.acquit((1, seq))
    assert suspicion.window == LIMIT


def test_a_death_with_nothing_there_suspects_nobody() -> None:
    suspicion = Suspicion(LIMIT)
    assert not suspicion.died_with(())
    assert suspicion.window == LIMIT


def test_a_run_that_is_over_is_suspected_no_more() -> None:
    suspicion = Suspicion(LIMIT)
    suspicion.died_with([(1, 1), (1, 2), (2, 1)])
    suspicion.acquit_run(1)
    assert suspicion.window == 1
    suspicion.acquit_run(2)
    assert suspicion.window == LIMIT


def test_deaths_alone_count_only_in_a_row() -> None:
    suspicion = Suspicion(LIMIT)
    for _ in range(ALONE_DEATHS - 1):
        assert not suspicion.died_with([(1, 1)])
    suspicion.acquit((1, 1))
    assert not suspicion.died_with([(1, 1)])
