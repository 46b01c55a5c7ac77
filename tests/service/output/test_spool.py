"""The spool gives back what it was given, from memory or from disk."""

import pytest

from service.output.spool import MEMORY_BYTES, PIECE_BYTES, Spool


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES + 1, MEMORY_BYTES + 1])
def test_what_was_added_comes_back_in_small_pieces(size: int) -> None:
    spool = Spool()
    data = bytes(number % 251 for number in range(size))
    for begin in range(0, size, 100_000):
        spool.add(data[begin : begin + 100_000])
    assert spool.is_empty == (not size)
    pieces = list(spool.pieces())
    assert b"".join(pieces) == data
    assert all(len(piece) <= PIECE_BYTES for piece in pieces)
