"""Where JSON that cannot be read is broken, and how: in lines and columns, as editors count them."""

from typing import NamedTuple


class JsonFault(NamedTuple):
    """`line` and `column` count from 1, a column being a character."""

    line: int
    column: int
    reason: str


def find_fault(document: bytes) -> JsonFault | None:
    """The first fault; None where the text is JSON all the same, or is nested too deeply to be looked at. It
    is read a second time, by a reader that is slower and knows the place."""
    import json

    try:
        json.loads(document.decode("utf-8", "replace"))
    except json.JSONDecodeError as error:
        return JsonFault(error.lineno, error.colno, f"{error.msg[:1].lower()}{error.msg[1:]}")
    except RecursionError:
        return None
    return None
