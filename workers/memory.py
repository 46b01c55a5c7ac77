"""The garbage collector, as processes want it whose work leaves hardly anything for it."""

import gc
from typing import Final

# What a URL leaves behind is freed by its reference counts; cycles are rare, and some MiB of them may wait.
YOUNG_OBJECTS: Final = 50_000


def collect_rarely() -> None:
    """To be called before all else: what start-up makes stays, and to look for garbage among it, a hundred
    times over, was a twentieth of its time."""
    gc.set_threshold(YOUNG_OBJECTS)


def settle_memory() -> None:
    """Take what start-up made out of the garbage collector's sight: it lives as long as the process, and to
    walk through it again and again stopped the loop for up to 20 ms each time, and was a tenth of a worker's
    time. Garbage among it is not looked for: what imports leave is freed by then."""
    gc.freeze()
    collect_rarely()
