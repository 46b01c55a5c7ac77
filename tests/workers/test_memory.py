"""What lives as long as the process is walked through no more, and young objects are left to gather."""

import gc
from collections.abc import Iterator

import pytest

from workers.memory import YOUNG_OBJECTS, collect_rarely, settle_memory


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()


def test_garbage_is_looked_for_rarely() -> None:
    collect_rarely()
    assert gc.get_threshold()[0] == YOUNG_OBJECTS


def test_what_start_up_made_is_out_of_the_collector_s_sight() -> None:
    made = [object(), []]
    settle_memory()
    assert all(each is not made for each in gc.get_objects())
    assert gc.get_freeze_count() > 0
    assert gc.get_threshold()[0] == YOUNG_OBJECTS
