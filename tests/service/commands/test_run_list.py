"""What is said at the first signal."""

import pytest

from service.commands.run_list import announce


@pytest.mark.parametrize(
    ("in_flight", "judged", "said"),
    [
        (0, 0, "stopping: nothing is in flight"),
        (1, 0, "stopping: 1 in flight is finished, Ctrl-C again stops at once"),
        (0, 1, "stopping: 1 being judged is finished, Ctrl-C again stops at once"),
        (9, 1_449, "stopping: 9 in flight and 1,449 being judged are finished, Ctrl-C again stops at once"),
        (1, 1, "stopping: 1 in flight and 1 being judged are finished, Ctrl-C again stops at once"),
    ],
)
def test_what_is_in_flight_is_told_apart_from_what_is_judged(in_flight: int, judged: int, said: str) -> None:
    """In flight are no more than `--concurrency`."""
    assert announce(in_flight, judged) == said
