"""What a worker process does in the tests of its death."""

import os
import signal
import sys

import msgspec

from workers.entry import judge_batch
from workers.model import Gathered


def judge_or_die(batch: bytes) -> bytes:
    """Judges, but kills its own process (as the OOM killer would) on a URL with the path /kill."""
    if _has_killer(batch):
        os.kill(os.getpid(), signal.SIGKILL)
    return judge_batch(batch)


def judge_or_fail(batch: bytes) -> bytes:
    """Judges, but has no memory for a URL with the path /kill."""
    if _has_killer(batch):
        raise MemoryError
    return judge_batch(batch)


def judge_or_spin(batch: bytes) -> bytes:
    """Judges, but comes to no end on a URL with the path /kill."""
    while _has_killer(batch):
        pass
    return judge_batch(batch)


def _has_killer(batch: bytes) -> bool:
    return any(item.input.endswith("/kill") for item in msgspec.msgpack.decode(batch, type=list[Gathered]))


def is_prepared() -> bool:
    return "workers.prepared" in sys.modules
