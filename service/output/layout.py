"""Lines of text on a page of some width: indented, labelled, wrapped between words.

A word longer than its line is left whole: the terminal wraps it, and a URL copied from there still works.
"""

import io
import re
from collections.abc import Iterable
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from service.output.escape import printable

GLUE: Final = "\ue000"  # a space that nothing breaks at; nobody else's text has it, for it is not printable
LEAST_ROOM: Final = 20  # columns for text, however narrow the page

_WORD: Final = re.compile(r"\S+\s*")


def plain(text: str, style: str = "") -> Text:
    """What a list or a server says, as printable characters and never as markup: nothing of it acts."""
    return Text(printable(text), style)


class Page:
    """Collects lines, then renders them all."""

    def __init__(self, width: int, *, colour: bool) -> None:
        self._width = width
        self._output = io.StringIO()
        self._console = Console(
            file=self._output,
            width=width,
            force_terminal=colour,
            color_system="standard" if colour else None,
            no_color=not colour,
            highlight=False,
            legacy_windows=False,
        )

    def add(self, text: Text, indent: int = 0, *, label: Text | None = None, hang: int = 0) -> None:
        """A paragraph. It begins with `label`; `hang` is how much deeper its further lines are indented."""
        further = " " * (indent + hang)
        room = max(self._width - len(further), LEAST_ROOM)
        for number, line in enumerate(_break(text, room)):
            begin = Text(further)
            if number == 0:
                begin = Text.assemble(" " * indent, label or "")
                if label is not None:
                    begin.pad_right(len(further) - begin.cell_len)
            self._print(begin + line)

    def skip(self) -> None:
        """An empty line."""
        self._print(Text())

    def render(self) -> bytes:
        return self._output.getvalue().replace(GLUE, " ").encode()

    def _print(self, line: Text) -> None:
        line.rstrip()
        self._console.print(line, no_wrap=True, overflow="ignore", crop=False)


def _break(text: Text, room: int) -> Iterable[Text]:
    """Rich's own wrapping either breaks long words or does not break at all."""
    breaks, column = [], 0
    for word in _WORD.finditer(text.plain):
        if column and column + cell_len(word[0].rstrip()) > room:
            breaks.append(word.start())
            column = 0
        column += cell_len(word[0])
    return text.divide(breaks)
