"""Masthead's own stack, built as the command builds it, on a handful of URLs of this machine."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from service.app import fetch_options, open_inspector
from service.inspection.source import ListSource
from service.settings import Settings
from service.telemetry.events import Event
from workers.model import Record, Verdict
from workers.record import decode_record

LOOPBACK = ("127.0.0.0/8", "::1/128")


Inspect = Callable[..., Awaitable[list[Record]]]


async def inspect(*urls: str, **settings: Any) -> list[Record]:
    """The records of the URLs, in the order of the URLs. Recording only, unless `checks` asks for more."""
    async with one_inspector(**settings) as inspect_more:
        return await inspect_more(*urls)


async def inspect_one(url: str, **settings: Any) -> Record:
    (record,) = await inspect(url, **settings)
    return record


@asynccontextmanager
async def one_inspector(**settings: Any) -> AsyncIterator[Inspect]:
    """`inspect` for several runs of one inspector, its caches shared; a run may bring options of its own."""
    hurry = {"per_host": 1_000, "per_address": 1_000, "host_gap": 0}
    given = {"checks": "none", "allow_net": LOOPBACK, **hurry, **settings}

    async def run(*urls: str, **more: Any) -> list[Record]:
        records: list[Record] = []

        async def deliver(verdict: Verdict) -> None:
            records.append(decode_record(verdict.line))

        options = fetch_options(Settings.model_validate({**given, **more}))
        await inspector.run(ListSource(urls), options, deliver)
        assert len(records) == len(urls), "exactly one record a URL"
        return sorted(records, key=lambda record: record.seq)

    async with open_inspector(Settings.model_validate(given), ignore) as inspector:
        yield run


def ignore(_: Event) -> None:
    """A hook for those who only look at the records."""
