"""A job's list as one JSON document, read as it comes: `json` would need all of it in memory."""

import json
import re
from collections.abc import Callable
from typing import Final

from service.api.inspection_request import invalid
from service.api.job_body import (
    OPTIONS_LIMIT_BYTES,
    SPACE,
    malformed,
    read_options,
    refuse_encoding,
    to_target,
)
from service.api.problems import Fault
from service.api.request_model import JobOptions
from service.inspection.lines import LINE_LIMIT_BYTES, UTF8_MARK
from service.model import Target
from service.settings import Settings

_DECODER: Final = json.JSONDecoder()
# RFC 8259 section 7, and what ends a member of an array (section 5). Possessive: each byte is looked at once.
_STRING: Final = re.compile(rb'[ \t\r\n]*+"((?:[^"\\\x00-\x1f]++|\\.)*+)"[ \t\r\n]*+([,\]])', re.DOTALL)
_NAME: Final = re.compile(rb'[ \t\r\n]*+"((?:[^"\\\x00-\x1f]++|\\.)*+)"[ \t\r\n]*+:', re.DOTALL)
_BROKEN: Final = re.compile(
    rb'"(?:[^"\\\x00-\x1f]++|\\.)*+(?:[\x00-\x1f]|"[ \t\r\n]*+[^,\] \t\r\n])', re.DOTALL
)


class JsonReader:
    """`{"urls": […], "options": {…}}`, its members in any order."""

    def __init__(self, settings: Settings) -> None:
        self.options: JobOptions | None = None
        self.count = 0
        self._settings = settings
        self._buffer = b""
        self._read_bytes = 0
        self._seen: set[str] = set()
        self._step: Callable[[list[Target]], bool] = self._begin

    def feed(self, piece: bytes) -> list[Target]:
        self._buffer += piece
        targets: list[Target] = []
        while self._step(targets):
            pass
        limit = LINE_LIMIT_BYTES if self._step == self._urls else OPTIONS_LIMIT_BYTES
        if len(self._buffer) > limit + len(piece):
            raise malformed(f"expected a value of at most {limit} bytes", self._place)
        return targets

    def end(self) -> list[Target]:
        if self._step != self._over or self._buffer.strip(SPACE):
            raise malformed("expected JSON: the body ends too early", self._place)
        if "urls" not in self._seen:
            raise invalid([Fault("expected a list of URLs, got none", pointer="/urls")])
        return []

    @property
    def _place(self) -> str:
        return f"byte {self._read_bytes}"

    def _take(self, length: int) -> None:
        self._read_bytes += length
        self._buffer = self._buffer[length:]

    def _skip(self, wanted: bytes) -> bytes:
        """The next byte, which must be one of these; empty where it has not come."""
        space = len(self._buffer) - len(self._buffer.lstrip(SPACE))
        self._take(space)
        byte = self._buffer[:1]
        if byte and byte not in [wanted[n : n + 1] for n in range(len(wanted))]:
            shown = " or ".join(map(chr, wanted))
            raise malformed(f"expected JSON: expected {shown}, got {byte!r}", self._place)
        self._take(len(byte))
        return byte

    def _begin(self, _: list[Target]) -> bool:
        if not self._read_bytes:
            refuse_encoding(self._buffer[:2])
            if self._buffer.startswith(UTF8_MARK):
                self._take(len(UTF8_MARK))
        return self._go_on(self._skip(b"{"), self._name)

    def _go_on(self, byte: bytes, step: Callable[[list[Target]], bool]) -> bool:
        if byte:
            self._step = step
        return bool(byte)

    def _name(self, _: list[Target]) -> bool:
        head = _NAME.match(self._buffer)
        if head is None:
            if not self._seen and self._buffer.lstrip(SPACE).startswith(b"}"):
                self._skip(b"}")
                return self._go_on(b"}", self._over)
            if b":" in self._buffer or (self._buffer.strip(SPACE) and self._buffer.lstrip(SPACE)[:1] != b'"'):
                raise malformed("expected JSON: expected a member's name", self._place)
            return False
        name = head[1].decode(errors="backslashreplace")
        if name not in ("urls", "options") or name in self._seen:
            what = "repeated" if name in self._seen else "unknown"
            raise invalid([Fault(f"expected urls and options, got {name[:80]!r}, {what}", pointer="")])
        self._seen.add(name)
        self._take(head.end())
        self._step = self._open_urls if name == "urls" else self._options
        return True

    def _open_urls(self, _: list[Target]) -> bool:
        if self._buffer.lstrip(SPACE)[:1] not in (b"", b"["):
            raise invalid([Fault("expected a list of strings", pointer="/urls")])
        return self._go_on(self._skip(b"["), self._urls)

    def _urls(self, targets: list[Target]) -> bool:
        """One pass over the buffer, cut once: cutting it at each string would be quadratic."""
        buffer, at = self._buffer, 0
        while (found := _STRING.match(buffer, at)) is not None:
            self.count += 1
            targets.append(to_target(self.count, self._text(found[1])))
            at = found.end()
            if found[2] == b"]":
                self._take(at)
                self._step = self._next
                return True
        self._take(at)
        rest = self._buffer.lstrip(SPACE)
        if rest.startswith(b"]") and not self.count:
            self._skip(b"]")
            self._step = self._next
            return True
        if rest and not rest.startswith(b'"'):
            raise invalid([Fault("expected a string", pointer=f"/urls/{self.count}")])
        if _BROKEN.match(rest):
            raise malformed("expected JSON: a string is broken", self._place)
        return False

    def _text(self, raw: bytes) -> str:
        try:
            text = raw.decode()
            return text if b"\\" not in raw else str(json.loads(f'"{text}"'))
        except ValueError as error:
            raise malformed(f"expected JSON: {error}", f"/urls/{self.count - 1}") from error

    def _options(self, _: list[Target]) -> bool:
        begin = self._buffer.lstrip(SPACE)
        if begin[:1] not in (b"", b"{"):
            raise invalid([Fault("expected an object", pointer="/options")])
        text = _decode_begin(begin)
        try:
            value, length = _DECODER.raw_decode(text)
        except (ValueError, RecursionError):  # it may not have come whole
            return False
        self.options = read_options(value, self._settings)
        self._take(len(self._buffer) - len(begin) + len(text[:length].encode()))
        self._step = self._next
        return True

    def _next(self, _: list[Target]) -> bool:
        byte = self._skip(b",}")
        return self._go_on(byte, self._name if byte == b"," else self._over)

    def _over(self, _: list[Target]) -> bool:
        if self._buffer.strip(SPACE):
            raise malformed("expected JSON: something follows its end", self._place)
        self._take(len(self._buffer))
        return False


def _decode_begin(data: bytes) -> str:
    """As far as it is UTF-8: its end may be the begin of a character."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        return data[: error.start].decode()
