"""The live line on a terminal: how far a list is. A thread draws it: a stopped terminal stops nothing."""

import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Final

from service.output.escape import ERASE_LINE
from service.output.summary import Tally

REDRAW_S: Final = 0.2
LEAVE_S: Final = 0.5  # what a stopped terminal gets at the end


class Progress:
    """Shows `tally` on stderr while its block runs. `count_total` may take long; it runs in the thread."""

    def __init__(self, tally: Tally, count_total: Callable[[], int | None]) -> None:
        self._tally = tally
        self._count_total = count_total
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="progress", daemon=True)

    def __enter__(self) -> "Progress":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join(LEAVE_S)

    def _run(self) -> None:
        total = self._count_total()
        try:
            while not self._end.wait(REDRAW_S):
                self._draw(progress_line(self._tally, total))
            self._draw("")
        except OSError:  # the terminal is gone: the records may still have somewhere to go
            return

    def _draw(self, line: str) -> None:
        sys.stderr.write(f"{ERASE_LINE}{line}")
        sys.stderr.flush()


def progress_line(tally: Tally, total: int | None) -> str:
    """Done of all, rate, errors, and the time left where the total is known."""
    elapsed_s = tally.elapsed_s
    done, errors = tally.total, tally.errors
    rate = tally.records / elapsed_s if elapsed_s else 0.0
    parts = [
        f"{done:,} done" if total is None else f"{done:,} of {total:,} ({done / max(total, 1):.0%})",
        f"{rate:,.0f} a second",
        f"{errors:,} failed",
    ]
    if total is not None and rate:
        parts.append(f"{_clock(max(0, total - done) / rate)} left")
    else:
        parts.append(f"{_clock(elapsed_s)} elapsed")
    return "  ".join(parts)


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
