"""What a format is: how a stream of records begins, and each record's bytes."""

from collections.abc import Callable
from dataclasses import dataclass

from workers.model import Verdict


@dataclass(frozen=True, slots=True)
class Format:
    """`begin` comes once before all records; `write` gives one record's lines, line ends included."""

    write: Callable[[Verdict], bytes]
    begin: bytes = b""
