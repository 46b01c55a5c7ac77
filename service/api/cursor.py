"""Cursors: where in a list a page begins, as a token that is to be handed back as it came.

It holds a position and whose it is, so that a cursor of another job, or a number that somebody made up, is
told to be none instead of leading to a place that means nothing.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2s
from typing import Final

JOBS: Final = "jobs"  # the list of all; that of a job's records goes by the job's id
PATTERN: Final = "[A-Za-z0-9_-]{12}"
EXPECTED: Final = "a cursor that was given for this list"
_MARK_BYTES: Final = 3
_POSITION_BYTES: Final = 6


def write_cursor(of: str, position: int) -> str:
    """For the place behind `position` in the list that `of` names."""
    return urlsafe_b64encode(_mark(of) + position.to_bytes(_POSITION_BYTES, "big")).decode()


def read_cursor(of: str, text: str) -> int | None:
    """The position; None for what is no cursor of that list."""
    if not re.fullmatch(PATTERN, text):
        return None
    raw = urlsafe_b64decode(text)
    return int.from_bytes(raw[_MARK_BYTES:], "big") if raw.startswith(_mark(of)) else None


def _mark(of: str) -> bytes:
    return blake2s(of.encode(), digest_size=_MARK_BYTES).digest()
