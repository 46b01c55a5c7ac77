"""What the tests of linear time would find."""

from functools import cache

from tests.workers.growth import is_linear


def linear(size: int) -> int:
    return sum(range(size))


def quadratic(size: int) -> int:
    return sum(map(linear, range(size)))


def test_linear_work_is_linear() -> None:
    assert is_linear(linear, 100_000)


def test_quadratic_work_is_not() -> None:
    assert not is_linear(quadratic, 4_000)


def test_a_cache_hides_no_work() -> None:
    assert not is_linear(cache(quadratic), 4_000)


def test_no_size_is_larger_than_the_one_asked_for() -> None:
    asked: list[int] = []
    assert is_linear(asked.append, 1_000)
    assert max(asked) == 1_000
