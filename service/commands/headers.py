"""`masthead headers`: the response heads of a few URLs, line by line as they were sent. Nothing is judged."""

import asyncio
import os
from collections import Counter
from dataclasses import replace

import click

from service.commands.command import SettingsCommand, complain, stdout_fd
from service.commands.ending import hint_of
from service.commands.options import FETCHING
from service.configuration import Loaded
from service.output.escape import printable, printable_bytes
from service.settings import Settings
from workers.model import Exchange, Gathered

FAILED = 1
PREFIX = b"HTTP header> "


@click.command(cls=SettingsCommand, settings=FETCHING)
@click.argument("urls", nargs=-1, required=True, metavar="URL…")
@click.option("--follow", is_flag=True, help="follow redirects, and print each response on the way")
def command(loaded: Loaded, urls: tuple[str, ...], follow: bool) -> int:
    """Print each URL's response headers as `HTTP header> LINE`, status line first.

    The lines come in the order and spelling in which the server sent them. On a terminal, control
    characters and bytes beyond ASCII are written out (\\x1b); elsewhere the bytes are passed on as they are.
    A URL that fails is told on stderr with its code, and the exit status is 1.
    """
    return asyncio.run(_print_all(loaded.settings, urls, follow=follow))


async def _print_all(settings: Settings, urls: tuple[str, ...], *, follow: bool) -> int:
    """Fetch all at once, as far as the concurrency allows; print in the order given, each as soon as its
    turn comes."""
    from service.app import fetch_options, open_fetcher
    from service.inspection.chain import fetch_patiently
    from service.inspection.dispatch import read_entry
    from service.model import Target
    from service.output.sink import Sink

    options = replace(fetch_options(settings), follow=follow)
    slots = asyncio.Semaphore(settings.concurrency)
    fd = stdout_fd()
    sink: Sink[bytes] = Sink(fd, "stdout", encode=bytes, weigh=len)
    page = _Page(is_terminal=os.isatty(fd), names_urls=len(urls) > 1)
    codes: Counter[str] = Counter()
    async with open_fetcher(settings) as fetcher, asyncio.TaskGroup() as group:

        async def fetch(target: Target) -> Gathered:
            entry = read_entry(target, options.url_limit_bytes)
            if entry.url is not None:
                await fetcher.hosts.wait(entry.url.host)
                entry.host = entry.url.host
            try:
                async with slots:
                    return await fetch_patiently(fetcher, entry, options)
            finally:
                if entry.host is not None:
                    fetcher.hosts.leave(entry.host)

        targets = [Target(seq, url) for seq, url in enumerate(urls, 1)]
        tasks = [group.create_task(fetch(target), name=f"headers {target.seq}") for target in targets]
        for task in tasks:
            if sink.error is not None:  # nobody reads any more
                task.cancel()
                continue
            gathered = await task
            room = sink.deliver(page.block(gathered))
            if room is not None:
                await room
            if gathered.failure is not None:
                codes[gathered.failure.code] += 1
                await sink.flush()  # on a terminal the line is to come after the blocks before it
                complain(f"{gathered.input}: {gathered.failure.code}: {gathered.failure.message}")
    await sink.close()
    sink.check()
    if hint := hint_of(codes):
        complain(hint)
    return FAILED if codes else 0


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
