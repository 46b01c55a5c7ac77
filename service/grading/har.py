"""A HAR file (HTTP Archive 1.2), which is one JSON document: it is read whole, and cut into its entries.

What a browser has held in memory to write it fits ours, up to a bound; entries are not decoded here. Escapes
for which msgspec would refuse it all are marked: they are the matter of the entry that they are in.
"""

from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec import Raw, Struct

from service.errors import UsageError
from service.grading.json_fault import find_fault
from service.grading.text import Text
from workers.grading.given import Piece
from workers.grading.halves import mark_halves, without_marks

LIMIT_BYTES: Final = 512 * 1024 * 1024  # inflated; a page's archive, bodies and all, has tens of MiB
_ENTRIES_AT_ONCE: Final = 128


class _Log(Struct):
    entries: list[Raw]


class _Har(Struct):
    log: _Log


def cut_har(text: Text) -> Iterator[list[Piece]]:
    """A piece an entry. Raises UsageError where the document is no HAR."""
    document = _read(text)
    mark_halves(document)
    try:
        entries = msgspec.json.decode(document, type=_Har).log.entries
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        expected = "expected a HAR file (HTTP Archive 1.2)"
        if (fault := find_fault(without_marks(document))) is None:
            raise UsageError(f"{text.name}: {expected}: {error}") from error
        place = f"line {fault.line}, column {fault.column}"
        raise UsageError(f"{text.name}: {place}: {expected}, which is JSON: {fault.reason}") from error
    for begin in range(0, len(entries), _ENTRIES_AT_ONCE):
        yield [
            Piece("entry", f"entry {number}", (bytes(entry),))
            for number, entry in enumerate(entries[begin : begin + _ENTRIES_AT_ONCE], begin + 1)
        ]


def _read(text: Text) -> bytearray:
    document = bytearray()
    for block in iter(text.read, b""):
        document += block
        if len(document) > LIMIT_BYTES:
            raise UsageError(
                f"{text.name}: expected a HAR file of at most {LIMIT_BYTES:,} bytes, got a longer one:"
                " split it, or give its responses as JSON lines"
            )
    return document
