"""`masthead headers`: the response heads of a few URLs, line by line as they were sent. Nothing is judged."""

import asyncio
import os
from collections import Counter
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from service.commands.command import SettingsCommand, complain, stdout_fd
from service.commands.ending import hint_of
from service.commands.options import FETCHING
from service.configuration import Loaded
from service.output.escape import printable, printable_bytes
from service.settings import Settings
from workers.model import Exchange, Gathered

if TYPE_CHECKING:  # asked for help, the command loads none of them
    from service.inspection.fetch import Fetcher, FetchOptions
    from service.model import Target
    from service.output.sink import Sink

FAILED = 1
PREFIX = b"HTTP header> "


@click.command(cls=SettingsCommand, settings=("follow", *FETCHING))
@click.argument("urls", nargs=-1, required=True, metavar="URL…")
def command(loaded: Loaded, urls: tuple[str, ...]) -> int:
    """Print each URL's response headers as `HTTP header> LINE`, status line first.

    The lines come in the order and spelling in which the server sent them. On a terminal, control
    characters and bytes beyond ASCII are written out (\\x1b); elsewhere the bytes are passed on as they are.
    A URL that fails is told on stderr with its code, and the exit status is 1.

    SIGINT (Ctrl-C) or SIGTERM once: what is in flight is finished and printed; twice: stop at once.
    """
    return asyncio.run(_print_all(loaded.settings, urls))


async def _print_all(settings: Settings, urls: tuple[str, ...]) -> int:
    from service.app import fetch_options, open_fetcher
    from service.lifecycle import on_stop_signals
    from service.output.sink import Sink

    options = replace(fetch_options(settings), follow=settings.follow)
    fd = stdout_fd()
    sink: Sink[bytes] = Sink(fd, "stdout", encode=bytes, weigh=len)
    page = _Page(is_terminal=os.isatty(fd), names_urls=len(urls) > 1)
    fetches = _Fetches(settings.concurrency)
    codes: Counter[str] = Counter()
    with on_stop_signals(fetches.drain) as stopping:
        try:
            async with open_fetcher(settings) as fetcher, asyncio.TaskGroup() as group:
                if stopping.signal is None:
                    fetches.begin(group, fetcher, options, urls)
                printed = await _print(fetches.tasks, sink, page, codes)
            await sink.close()
        except asyncio.CancelledError:
            if stopping.signal is None:
                raise
            sink.abandon()
            return stopping.exit_status
    sink.check()
    if hint := hint_of(codes):
        complain(hint)
    if printed < len(urls):
        return stopping.exit_status
    return FAILED if codes else 0


async def _print(
    tasks: "list[asyncio.Task[Gathered]]", sink: "Sink[bytes]", page: "_Page", codes: Counter[str]
) -> int:
    """Print in the order given, each as soon as its turn comes; count the failures' codes. Returns how many
    URLs were printed or told."""
    printed = 0
    for task in tasks:
        if sink.error is not None:  # nobody reads any more
            task.cancel()
            continue
        await asyncio.wait([task])
        if task.cancelled():  # not begun when a signal came
            continue
        gathered = task.result()
        printed += 1
        room = sink.deliver(page.block(gathered))
        if room is not None:
            await room
        if gathered.failure is not None:
            codes[gathered.failure.code] += 1
            await sink.flush()  # on a terminal the line is to come after the blocks before it
            complain(f"{gathered.input}: {gathered.failure.code}: {gathered.failure.message}")
    return printed


class _Fetches:
    """One task a URL: all at once, as far as the concurrency allows."""

    def __init__(self, concurrency: int) -> None:
        self.tasks: list[asyncio.Task[Gathered]] = []
        self._slots = asyncio.Semaphore(concurrency)
        self._begun: set[asyncio.Task[Gathered] | None] = set()

    def begin(
        self, group: asyncio.TaskGroup, fetcher: "Fetcher", options: "FetchOptions", urls: tuple[str, ...]
    ) -> None:
        from service.model import Target

        for seq, url in enumerate(urls, 1):
            fetch = self._fetch(fetcher, options, Target(seq, url))
            self.tasks.append(group.create_task(fetch, name=f"headers {seq}"))

    def drain(self) -> None:
        """Finish what is in flight, and begin no more."""
        from service.commands.run_list import announce

        complain(announce(sum(task in self._begun for task in self.tasks if not task.done())))
        for task in self.tasks:
            if task not in self._begun:
                task.cancel()

    async def _fetch(self, fetcher: "Fetcher", options: "FetchOptions", target: "Target") -> Gathered:
        from service.inspection.chain import fetch_patiently
        from service.inspection.dispatch import read_entry

        entry = read_entry(target, options.url_limit_bytes)
        if entry.url is not None:
            await fetcher.hosts.wait(entry.url.host)
            entry.host = entry.url.host
        try:
            async with self._slots:
                self._begun.add(asyncio.current_task())
                return await fetch_patiently(fetcher, entry, options)
        finally:
            if entry.host is not None:
                fetcher.hosts.leave(entry.host)


class _Page:
    """Lays the blocks out: an empty line between two responses."""

    def __init__(self, *, is_terminal: bool, names_urls: bool) -> None:
        self._escape = printable_bytes if is_terminal else bytes
        self._names_urls = names_urls
        self._is_first = True

    def block(self, gathered: Gathered) -> bytes:
        """All responses of one URL; nothing where there was none."""
        if not gathered.exchanges:
            return b""
        blocks = [b"".join(map(self._line, head_lines(exchange))) for exchange in gathered.exchanges]
        if self._names_urls:
            blocks[0] = printable(gathered.input).encode() + b"\n" + blocks[0]
        if not self._is_first:
            blocks[0] = b"\n" + blocks[0]
        self._is_first = False
        return b"\n".join(blocks)

    def _line(self, line: bytes) -> bytes:
        return PREFIX + self._escape(line) + b"\n"


def head_lines(exchange: Exchange) -> list[bytes]:
    """The head's lines without their ends, from the status line to the last before the blank one."""
    return [line.removesuffix(b"\r") for line in exchange.head.strip(b"\r\n").split(b"\n")]
