"""Findings as counters and gates need them: by their ids, each with its severity.

Records of sites that are alike have the same. So they cross from a worker as they were written once, and are
read once for all records that have them.
"""

from functools import lru_cache
from typing import Final

import msgspec

from workers.model import Severity

LISTS_KEPT: Final = 1_024  # of 0.5 KiB each, key included: most sites have the findings of another
PAIRS_KEPT: Final = 2_048  # there are some 300 ids, each with the severity that it mostly has

Counted = tuple[tuple[str, Severity], ...]

_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(Counted).decode


def write_counted(counted: Counted) -> bytes:
    """As MessagePack."""
    return _encode(counted)


@lru_cache(maxsize=LISTS_KEPT)
def read_counted(written: bytes) -> Counted:
    """The inverse of `write_counted`. Raises msgspec.DecodeError for anything else."""
    return tuple([_share(*pair) for pair in _decode(written)])


@lru_cache(maxsize=PAIRS_KEPT)
def _share(name: str, severity: Severity) -> tuple[str, Severity]:
    """One object for all: a list of 250 findings, the most there can be, has 2 KiB then."""
    return name, severity


NO_FINDINGS: Final = write_counted(())
