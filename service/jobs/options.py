"""A job's options as they are kept, and what becomes of a job whose options cannot be read.

Another version may have written them, or a hand. That is this job's trouble and no other's: each of its URLs
gets a record that says so. Nothing is fetched for it, since how it was to be fetched is not known.
"""

from typing import Final

import msgspec
from msgspec.structs import replace

from service.inspection.chain import give_up
from service.inspection.dispatch import Entry
from service.inspection.fetch import FetchOptions
from service.inspection.inspects import Inspects
from service.inspection.source import Source
from service.jobs.model import Job
from service.model import Deliver
from service.telemetry.events import Hook, Inspected
from service.telemetry.logs import log
from workers.record import record_only

_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(FetchOptions).decode


def write_options(options: FetchOptions) -> bytes:
    """As a job keeps them."""
    return _encode(options)


def tell_damage(job: Job) -> None:
    """In the log, where its options cannot be read."""
    asked = _read(job.options)
    if isinstance(asked, str):
        log.error("job damaged", job=job.id, fault=asked)


async def inspect_by(
    options: bytes, inspector: Inspects, source: Source, deliver: Deliver, emit: Hook
) -> None:
    """Inspect every target as a job's options have it; others go first."""
    asked = _read(options)
    if isinstance(asked, str):
        await _refuse(source, asked, deliver, emit)
    else:
        await inspector.run(source, replace(asked, patient=True), deliver)


def _read(options: bytes) -> FetchOptions | str:
    """What they say, or why that cannot be read."""
    try:
        return _decode(options)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return f"the options that are kept of this job cannot be read: {error}"


async def _refuse(source: Source, reason: str, deliver: Deliver, emit: Hook) -> None:
    while (target := await source.next()) is not None:
        verdict = record_only(give_up(Entry(target, None), reason, "input"))
        emit(Inspected(verdict))
        room = deliver(verdict)
        if room is not None:
            await room
