"""Heads that were met before but for what passes of them: the rest is not read again.

Owns how such a head is recognised. It is read as `parse_head` reads it, whatever was met before.
"""

import re
from typing import Final, NamedTuple

from workers.syntax.head import Head, parse_head
from workers.syntax.outline import (
    LONG_AGO,
    PASSING,
    PLAIN_LENGTH,
    REPEATED,
    Fields,
    Outline,
    with_outline,
)

HEADS_KEPT: Final = 2_048  # some 12 MiB a worker, 50 of the largest; when there are more, it is begun anew
KEPT_LENGTH: Final = 4_096  # octets of one head: a usual one has 600
KEPT_FIELDS: Final = 50  # … and 15 fields, of some 300 octets each besides what was sent
KEPT_VALUE: Final = PLAIN_LENGTH // len(PASSING)  # characters: a longer value makes a head one of its own

# Where a field that passes has a plain value: no bytes beyond ASCII, no control characters, and not too many.
_LINE: Final = re.compile(
    rf"\r\n(?=[adelADEL])(?i:(age|date|e(?:tag|xpires(?!:[ \t]*+{LONG_AGO}\r))|last-modified)):[ \t]*+"
    rf"([ -~]{{0,{KEPT_VALUE}}}+)(?<![ \t])(?=\r\n)",
    re.ASCII,
)


class _Known(NamedTuple):
    """A head that was met, without its fields, and what lasts of them."""

    head: Head
    outline: Outline


_known: Final[dict[tuple[str, ...], _Known]] = {}


def read_head(raw: bytes) -> tuple[Head, Fields]:
    """What `parse_head` tells of a head: its fields, which know their outline, and the rest without them."""
    parts = _LINE.split(raw.decode("latin-1"))
    values = parts[2::3]
    del parts[2::3]
    key = tuple(parts)
    known = _known.get(key)
    if known is None:
        return _learn(raw, key, values)
    head, outline = known
    return head, Fields(outline, values)


def forget() -> None:
    """Begin as a new worker does."""
    _known.clear()


def _read(raw: bytes) -> tuple[Head, Fields]:
    head = parse_head(raw)
    return Head(head.version, head.status, head.reason, (), head.defects), with_outline(head.fields)


def _learn(raw: bytes, key: tuple[str, ...], values: list[str]) -> tuple[Head, Fields]:
    head, fields = _read(raw)
    # A name that is there twice, and whatever a line means besides itself, is read anew each time.
    outline = fields.outline
    is_plain = not head.defects and REPEATED not in outline.places.values() and fields.passing == values
    if is_plain and len(raw) <= KEPT_LENGTH and len(fields) <= KEPT_FIELDS:
        if len(_known) >= HEADS_KEPT:
            _known.clear()
        _known[key] = _Known(head, outline)
    return head, fields
