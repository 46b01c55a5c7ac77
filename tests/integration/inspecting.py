"""Masthead's own stack, built as the command builds it, on a handful of URLs of this machine."""

from typing import Any

from service.app import fetch_options, open_inspector
from service.inspection.source import ListSource
from service.settings import Settings
from service.telemetry.events import Event
from workers.model import Record, Verdict
from workers.record import decode_record

LOOPBACK = ("127.0.0.0/8", "::1/128")


async def inspect(*urls: str, **settings: Any) -> list[Record]:
    """The records of the URLs, in the order of the URLs. Recording only, unless `checks` asks for more."""
    given = {"checks": "none", "allow_net": LOOPBACK, **settings}
    chosen = Settings.model_validate(given)
    records: list[Record] = []

    async def deliver(verdict: Verdict) -> None:
        records.append(decode_record(verdict.line))

    async with open_inspector(chosen, ignore) as inspector:
        await inspector.run(ListSource(urls), fetch_options(chosen), deliver)
    assert len(records) == len(urls), "exactly one record a URL"
    return sorted(records, key=lambda record: record.seq)


async def inspect_one(url: str, **settings: Any) -> Record:
    (record,) = await inspect(url, **settings)
    return record


def ignore(_: Event) -> None:
    """A hook for those who only look at the records."""
