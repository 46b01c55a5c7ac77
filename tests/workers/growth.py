"""How the work of a function grows with its input: told by a ratio, whatever the machine's speed."""

import gc
from collections.abc import Callable
from time import thread_time

FACTOR = 8
# Linear work grows by FACTOR, quadratic work by FACTOR². Between them, as far from the one as from the other.
LIMIT = FACTOR**1.5
# Nothing shorter is told from what the clock and the caches add to it.
LEAST_S = 0.001
TRIES = 5


def is_linear(work: Callable[[int], object], size: int) -> bool:
    """Whether work(size) takes no more than its share of what work(size / FACTOR) takes.

    A size is never asked for twice, so that no cache of the values it has seen answers for the work.
    """
    few = size // FACTOR
    limit_s = LIMIT * max(LEAST_S, *(_seconds(work, few - n) for n in range(TRIES)))
    return any(_seconds(work, size - n) <= limit_s for n in range(TRIES))


def _seconds(work: Callable[[int], object], size: int) -> float:
    """Of its thread's CPU, without the garbage that others left to collect."""
    gc.disable()
    try:
        began_s = thread_time()
        work(size)
        return thread_time() - began_s
    finally:
        gc.enable()
