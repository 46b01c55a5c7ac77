"""The body of `POST /v1/jobs`, read piece by piece: a list of any length in the memory of one piece.

Each reader is fed what comes and gives the targets that are whole. Pure: no socket, no store.
"""

import json
from typing import Final, Protocol

from pydantic import ValidationError

from service.api.faults import fault_of
from service.api.inspection_request import invalid
from service.api.problems import Fault, Kind, Problem
from service.api.request_model import JobBody, JobOptions
from service.inspection.lines import BYTE_ORDER_MARKS, LINE_LIMIT_BYTES, filled_lines, read_block
from service.model import Target
from service.settings import Settings

OPTIONS_LIMIT_BYTES: Final = 512 * 1024  # 32 fields of 8 KiB, escaped
SPACE: Final = b" \t\r\n"


class JobReader(Protocol):
    """Gives the targets of a list, numbered from 1, and its options once all has been read."""

    options: JobOptions | None
    count: int

    def feed(self, piece: bytes) -> list[Target]:
        """The targets that this piece has made whole. Raises a Problem where the body cannot be read."""

    def end(self) -> list[Target]:
        """What is left at the end of the body."""


class TextReader:
    """A URL a line, as in `POST /v1/inspections`."""

    def __init__(self) -> None:
        self.options: JobOptions | None = None
        self.count = 0
        self._rest = b""
        self._number, self._offset = 1, 0

    def feed(self, piece: bytes) -> list[Target]:
        block, is_whole, rest = (self._rest + piece).rpartition(b"\n")
        if self._number == 1 and not self._offset:
            refuse_encoding((block or rest)[:2])
        targets = self._read(block) if is_whole else []
        self._rest = rest[:LINE_LIMIT_BYTES]  # the URL is too long in any case
        return targets

    def end(self) -> list[Target]:
        return self._read(self._rest)

    def _read(self, block: bytes) -> list[Target]:
        """Of whole lines, without the last one's end."""
        targets = read_block(block, self.count + 1, self._number, self._offset)
        self._number += block.count(b"\n") + 1
        self._offset += len(block) + 1
        self.count += len(targets)
        return targets


class NdjsonReader:
    """A JSON string or `{"url": …}` a line; the first may be `{"options": {…}}`. Blank lines are none."""

    def __init__(self, settings: Settings) -> None:
        self.options: JobOptions | None = None
        self.count = 0
        self._settings = settings
        self._number = 0
        self._rest = b""

    def feed(self, piece: bytes) -> list[Target]:
        block, is_whole, self._rest = (self._rest + piece).rpartition(b"\n")
        if len(self._rest) > OPTIONS_LIMIT_BYTES:
            raise malformed(f"expected lines of at most {OPTIONS_LIMIT_BYTES} bytes", self._place)
        return self._read(block) if is_whole else []

    def end(self) -> list[Target]:
        return self._read(self._rest)

    @property
    def _place(self) -> str:
        return f"line {self._number + 1}"

    def _read(self, block: bytes) -> list[Target]:
        """Of whole lines, without the last one's end."""
        targets = []
        begins = self._number
        for before, _, line in filled_lines(block):
            self._number = begins + before
            url = self._read_line(line)
            if url is not None:
                self.count += 1
                targets.append(to_target(self.count, url))
        self._number = begins + block.count(b"\n") + 1
        return targets

    def _read_line(self, line: bytes) -> str | None:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise malformed(f"expected JSON: {error}", self._place) from error
        if isinstance(value, str):
            return value
        if isinstance(value, dict) and len(value) == 1:
            if isinstance(value.get("url"), str):
                return str(value["url"])
            if "options" in value and not self.count and self.options is None:
                self.options = read_options(value["options"], self._settings)
                return None
        detail = 'expected a string or {"url": …}, and {"options": {…}} on the first line only'
        raise invalid([Fault(detail, location=self._place)])


def to_target(seq: int, url: str) -> Target:
    """A lone surrogate is no text: its record says so."""
    try:
        url.encode()
    except UnicodeEncodeError as error:
        shown = url.encode(errors="backslashreplace").decode()
        return Target(seq, shown, f"expected UTF-8 text, got {url[error.start]!a} at character {error.start}")
    return Target(seq, url)


def read_options(value: object, settings: Settings) -> JobOptions:
    """Raises a 422 Problem with each place that is wrong."""
    document = {"urls": [""], "options": value}
    try:
        return JobBody.model_validate(document, context=settings).options
    except ValidationError as error:
        raise invalid([fault_of(detail, document) for detail in error.errors(include_url=False)]) from error


def refuse_encoding(begin: bytes) -> None:
    """Raise a 400 Problem for a byte order mark of UTF-16."""
    encoding = BYTE_ORDER_MARKS.get(begin)
    if encoding is not None:
        raise malformed(f"expected UTF-8 text, got {encoding}", "byte 0")


def malformed(detail: str, place: str) -> Problem:
    """A body that cannot be read, and where."""
    return Problem(400, detail, Kind.MALFORMED_BODY, [Fault(detail, location=place)])
