"""JSON lines: the record as it is. A worker has encoded it already, so that nothing is left to do."""

from typing import Final

from service.output.format import Format
from workers.model import Verdict


def _write(verdict: Verdict) -> bytes:
    return verdict.line + b"\n"


JSONL: Final = Format(_write)
