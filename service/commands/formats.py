"""Which formats there are, and which one a run is written in."""

import os
from collections.abc import Callable
from typing import Final

from service.output.format import Format, for_terminal
from service.output.gate import Gate
from service.output.place import ListPlace
from service.settings import Settings

OF_LISTS: Final = ("jsonl", "csv", "sarif", "junit")  # the default first
OF_REPORTS: Final = ("table", "jsonl", "markdown", "sarif", "junit")
PLAIN_WIDTH: Final = 100  # columns, where the output is no terminal
PLACED: Final = frozenset({"sarif", "junit"})  # they tell on which line of the list a URL stands

Maker = Callable[[Settings, int, ListPlace | None], Format]


def make_format(settings: Settings, fd: int, place: ListPlace | None) -> Format:
    """The format of one run, whose output is `fd`."""
    return _MAKERS[settings.format or OF_LISTS[0]](settings, fd, place)


def _jsonl(_: Settings, fd: int, __: ListPlace | None) -> Format:
    from service.output.jsonl import JSONL

    return _shown(JSONL, fd)


def _csv(_: Settings, fd: int, __: ListPlace | None) -> Format:
    from service.output.csv import CSV

    return _shown(CSV, fd)


def _sarif(settings: Settings, fd: int, place: ListPlace | None) -> Format:
    from service.output.sarif import sarif_format

    return _shown(sarif_format(settings.checks, place), fd)


def _junit(settings: Settings, _: int, place: ListPlace | None) -> Format:
    from service.output.junit import junit_format

    return junit_format(Gate.of(settings), place)


def _markdown(_: Settings, __: int, ___: ListPlace | None) -> Format:
    from service.output.markdown import MARKDOWN

    return MARKDOWN


def _table(_: Settings, fd: int, __: ListPlace | None) -> Format:
    from service.output.table import table_format

    if not os.isatty(fd):
        return table_format(PLAIN_WIDTH, colour=False)
    import shutil

    colour = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return table_format(shutil.get_terminal_size().columns, colour=colour)


def _shown(plain: Format, fd: int) -> Format:
    return for_terminal(plain) if os.isatty(fd) else plain


_MAKERS: Final[dict[str, Maker]] = {
    "table": _table,
    "jsonl": _jsonl,
    "csv": _csv,
    "markdown": _markdown,
    "sarif": _sarif,
    "junit": _junit,
}
