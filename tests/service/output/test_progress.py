"""The live line."""

import pytest

from service.output.progress import progress_line
from service.output.summary import Tally
from service.telemetry.events import Inspected
from tests.service.output.verdicts import failed, verdict


@pytest.fixture
def tally(monkeypatch: pytest.MonkeyPatch) -> Tally:
    """Three records, one of them failed, in ten seconds."""
    tally = Tally()
    for gathered in (None, None, failed()):
        tally(Inspected(verdict(gathered)))
    monkeypatch.setattr(Tally, "elapsed_s", 10.0)
    return tally


def test_with_a_total_the_time_left_is_told(tally: Tally) -> None:
    assert progress_line(tally, 30) == "3 of 30 (10%)  0 a second  1 failed  1:30 left"


def test_without_a_total_the_time_so_far_is_told(tally: Tally) -> None:
    assert progress_line(tally, None) == "3 done  0 a second  1 failed  0:10 elapsed"


def test_a_long_time_has_hours(tally: Tally) -> None:
    assert progress_line(tally, 3_003).endswith("2:46:40 left")


def test_an_empty_list_divides_by_nothing(tally: Tally) -> None:
    assert progress_line(tally, 0).startswith("3 of 0 ")
