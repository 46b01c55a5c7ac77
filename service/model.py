"""What moves along the flow on the event loop's side, before it goes over to the workers."""

import re
from collections.abc import Awaitable, Callable
from typing import Final

from msgspec import Struct

from workers.model import Gathered, Verdict

RequestField = tuple[str, str]
Deliver = Callable[[Verdict], Awaitable[None] | None]
"""Takes one finished record. What it returns, if anything, is to be awaited before the next is delivered:
that is backpressure, by which a slow sink slows what feeds it."""

Cut = Callable[[Gathered], None]
"""Is told what there was of a URL when its run was cancelled, with `cancelled` as its failure."""

FIELD_NAME: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
FIELD_VALUE: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
OWN_FIELDS: Final = frozenset({"host", "connection", "content-length", "transfer-encoding", "upgrade", "te"})


class Target(Struct, frozen=True):
    """One URL of the input as it was written; `seq` counts from 1. `fault` says why the line is no URL
    at all (undecodable bytes, say), where that was seen while it was read."""

    seq: int
    input: str
    fault: str | None = None


def parse_request_field(text: str) -> RequestField:
    """Read `-H`'s 'Name: value'.

    Raises ValueError for anything that is no field, would inject another, or is the connection's own.
    """
    name, colon, value = text.partition(":")
    value = value.strip(" \t")
    if not colon:
        raise ValueError("expected a header as 'Name: value', got one without a colon")
    if not FIELD_NAME.fullmatch(name):
        raise ValueError(f"expected a header as 'Name: value', got the name {name[:40]!r}")
    if not FIELD_VALUE.fullmatch(value):  # not shown: it may be a credential
        raise ValueError(f"expected a header's value of Latin-1 text on one line, got another for {name}")
    if name.lower() in OWN_FIELDS:
        raise ValueError(f"the header {name} is masthead's own: it follows from the URL and the connection")
    return name, value
