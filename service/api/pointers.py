"""JSON pointers (RFC 6901) to what a validator complains of."""

import re
from collections.abc import Sequence
from typing import Any, Final

_PYDANTICS_OWN: Final = re.compile(r"[(\[]")


def pointer_to(place: Sequence[int | str], document: object) -> str:
    """The pointer to `place`, pydantic's path of names and indices, in the document that was validated.

    Steps that the document does not have are pydantic's own (the branch of a union, `[key]`) and left out;
    but the last may be a member that is missing.
    """
    steps: list[int | str] = []
    here: Any = document
    for number, step in enumerate(place, 1):
        if _has(here, step):
            here = here[step]
            steps.append(step)
        elif isinstance(here, dict) and number == len(place) and not _PYDANTICS_OWN.match(str(step)):
            steps.append(step)
    return join_pointer(steps)


def join_pointer(steps: Sequence[int | str]) -> str:
    """The pointer of these steps, as they are."""
    return "".join(f"/{_escape(str(step))}" for step in steps)


def _has(value: object, step: int | str) -> bool:
    if isinstance(value, dict):
        return step in value
    return isinstance(value, list) and isinstance(step, int)


def _escape(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")
