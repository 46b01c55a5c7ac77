"""Quantiles from buckets: within a tenth, in bounded memory."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.output.distribution import BUCKETS, LEAST_MS, STEPS, Distribution


def of(*values: float) -> Distribution:
    distribution = Distribution()
    for value in values:
        distribution.add(value)
    return distribution


def test_nothing_has_no_extent() -> None:
    empty = of()
    assert (empty.count, empty.mean, empty.maximum, empty.quantile(0.5)) == (0, 0.0, 0.0, 0.0)


def test_mean_and_maximum_are_exact() -> None:
    distribution = of(1.0, 2.0, 6.0)
    assert (distribution.mean, distribution.maximum) == (3.0, 6.0)


@pytest.mark.parametrize(("share", "value"), [(0.5, 50.0), (0.95, 95.0), (0.99, 99.0)])
def test_a_quantile_is_within_a_tenth(share: float, value: float) -> None:
    assert of(*map(float, range(1, 101))).quantile(share) == pytest.approx(value, rel=0.1)


@given(st.lists(st.floats(0, 1e12), min_size=1), st.floats(0, 1))
def test_a_quantile_is_at_least_what_it_stands_for_and_at_most_the_maximum(
    values: list[float], share: float
) -> None:
    quantile = of(*values).quantile(share)
    assert quantile <= max(values)
    below = sum(1 for value in values if value <= quantile)
    assert below >= share * len(values) or quantile > LEAST_MS * 2 ** (BUCKETS / STEPS - 1)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50), st.integers(1, 10))
def test_when_it_is_counted_changes_nothing(values: list[float], every: int) -> None:
    at_once, by_and_by = of(*values), of()
    for number, value in enumerate(values):
        by_and_by.add(value)
        if number % every == 0:
            by_and_by.quantile(0.5)
    assert by_and_by.count == at_once.count == len(values)
    assert by_and_by.maximum == at_once.maximum == max(values)
    assert by_and_by.mean == pytest.approx(at_once.mean)
    assert [by_and_by.quantile(n / 10) for n in range(11)] == [at_once.quantile(n / 10) for n in range(11)]
