"""What a format is: how a stream of records begins, and each record's bytes."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from workers.model import Verdict


@dataclass(frozen=True, slots=True)
class Format:
    """`begin` comes once before all records; `write` gives one record's lines, line ends included."""

    write: Callable[[Verdict], bytes]
    begin: bytes = b""


def for_terminal(plain: Format) -> Format:
    """The same with all that could act on a terminal escaped as JSON has it: JSON still says the same."""

    def write(verdict: Verdict) -> bytes:
        text = plain.write(verdict).decode()
        return "".join(map(_shown, text)).encode()

    return replace(plain, write=write)


def _shown(char: str) -> str:
    return char if char.isprintable() or char in "\r\n" else json.dumps(char)[1:-1]
