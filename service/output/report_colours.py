"""Which colour means what in a report; the words beside it say the same without."""

from typing import Final

from workers.model import Severity

SEVERITY_COLOURS: Final[dict[Severity, str]] = {
    "high": "bold red",
    "medium": "yellow",
    "low": "blue",
    "info": "dim",
}
GRADE_COLOURS: Final = {"A": "green", "B": "green", "C": "yellow", "D": "yellow", "F": "red"}


def status_colour(status: int) -> str:
    return {2: "green", 3: "cyan", 4: "yellow", 5: "red"}.get(status // 100, "")
