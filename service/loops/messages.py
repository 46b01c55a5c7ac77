"""What the main process and a loop's process say to each other: MessagePack, each message behind its length.

Runs have numbers, since a daemon inspects several lists at once. URLs go over as they were written, finished
JSON lines come back: heads, certificates and connections stay where they are.
"""

import struct
from asyncio import IncompleteReadError, StreamReader
from typing import Final

import msgspec
from msgspec import Struct

from service.inspection.fetch import FetchOptions
from service.model import Target
from service.telemetry.events import Spent
from workers.model import Gathered, Verdict

BATCH_LIMIT: Final = 64  # URLs or records in one message: less than a millisecond's work on either side
READ_LIMIT_BYTES: Final = 256 * 1024  # some hundred records: read ahead of whoever takes them
_LENGTH: Final = struct.Struct(">I")


class Begin(Struct, frozen=True, array_like=True, tag=True):
    """A list is to be inspected; no more than `size` of its URLs come to this loop, where that is known.
    `tells_cut`: once it is cancelled, somebody wants to hear how far its URLs were."""

    run: int
    options: FetchOptions
    size: int | None
    tells_cut: bool


class Feed(Struct, frozen=True, array_like=True, tag=True):
    """URLs of a list."""

    run: int
    targets: list[Target]


class End(Struct, frozen=True, array_like=True, tag=True):
    """No more URLs of this list will come."""

    run: int


class Drain(Struct, frozen=True, array_like=True, tag=True):
    """What has been begun of this list is to be finished, and no more."""

    run: int


class Cancel(Struct, frozen=True, array_like=True, tag=True):
    """Nobody waits for this list's records any more. It is over when all that was cut short has been told."""

    run: int


class Close(Struct, frozen=True, array_like=True, tag=True):
    """The process is to end."""


class Ready(Struct, frozen=True, array_like=True, tag=True):
    """The loop takes work: so many URLs at once, judged by so many worker processes."""

    concurrency: int
    workers: int


class Refused(Struct, frozen=True, array_like=True, tag=True):
    """The loop cannot be started as the settings have it."""

    faults: tuple[str, ...]


class News(Struct, frozen=True, array_like=True, tag=True):
    """What happened since the last: records with the run of each, what hooks are told of, what was cut short
    of cancelled runs, and runs that are over; and how the loop's flow stands. A crash is a URL and a
    traceback."""

    inflight: int
    under_way: int
    queued: int
    alive: bool
    verdicts: list[tuple[int, Verdict]] = []
    spent: list[Spent] = []
    lags_s: list[float] = []
    crashes: list[tuple[str, str]] = []
    restarts: int = 0
    cut: list[tuple[int, Gathered]] = []
    over: list[int] = []


Order = Begin | Feed | End | Drain | Cancel | Close
Report = Ready | Refused | News

_encoder: Final = msgspec.msgpack.Encoder()
_order_decoder: Final = msgspec.msgpack.Decoder(Order)
_report_decoder: Final = msgspec.msgpack.Decoder(Report)


def write_message(message: Order | Report) -> bytes:
    """The message as it goes over."""
    body = _encoder.encode(message)
    return _LENGTH.pack(len(body)) + body


async def read_order(reader: StreamReader) -> Order | None:
    """The next order; None where the main process is gone."""
    body = await _read(reader)
    return None if body is None else _order_decoder.decode(body)


async def read_report(reader: StreamReader) -> Report | None:
    """The next report; None where the loop's process is gone."""
    body = await _read(reader)
    return None if body is None else _report_decoder.decode(body)


async def _read(reader: StreamReader) -> bytes | None:
    """What a process that is killed leaves unfinished is nothing."""
    try:
        (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
        return await reader.readexactly(length)
    except (IncompleteReadError, ConnectionError):
        return None
