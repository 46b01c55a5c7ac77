"""The descriptor limit: raised as far as may be needed, and what may be in flight under it."""

import resource
from collections.abc import Iterator

import pytest

from service.inspection.connect import ATTEMPTS_LIMIT
from service.inspection.descriptors import RESERVED, raise_descriptor_limit, tell_shortage


@pytest.fixture
def hard() -> Iterator[int]:
    """The hard limit, with the soft one lowered to 512 within the test."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, hard))
    yield hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_the_soft_limit_is_raised_for_hosts_with_many_dead_addresses(hard: int) -> None:
    assert raise_descriptor_limit(200) >= 200
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == 200 * ATTEMPTS_LIMIT + RESERVED


def test_the_hard_limit_bounds_what_may_be_in_flight(hard: int) -> None:
    assert raise_descriptor_limit(hard) == hard - RESERVED
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == hard


def test_a_limit_that_is_high_enough_is_left_alone(hard: int) -> None:
    assert raise_descriptor_limit(10) >= 10
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == 512


def test_fewer_than_were_wanted_are_told_with_the_reason(hard: int) -> None:
    assert tell_shortage(256, 256) is None
    assert tell_shortage(448, 1_000) == (
        "448 URLs at once, not 1,000: this process may open 512 files (ulimit -Hn)"
    )
