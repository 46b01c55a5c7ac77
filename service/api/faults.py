"""Faults of a JSON request, in words of the API: what was expected, and what came.

Owns the wording. A validator's own message, which speaks of Python, is never passed on.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

from pydantic_core import ErrorDetails

from service.api.pointers import join_pointer, pointer_to
from service.api.problems import Fault
from service.api.request_model import SHOWN
from service.jobs.model import LEAST_PRIORITY, MOST_PRIORITY

_UNSHOWN: Final = "/options/headers"  # credentials, above all
_COUNTED: Final = {"/urls": "URL", "/options/checks": "check id", "/options/headers": "header field"}

_RANGES: Final = {"/options/priority": f"from {LEAST_PRIORITY} to {MOST_PRIORITY}"}

# Pydantic's types of errors; in braces stand its own figures.
_EXPECTED: Final = {
    "model_type": "an object",
    "list_type": "an array",
    "string_type": "a string",
    "float_type": "a number",
    "finite_number": "a finite number",
    "int_type": "a whole number",
    "greater_than": "more than {gt:g}",
    "greater_than_equal": "at least {ge:g}",
    "less_than": "less than {lt:g}",
    "less_than_equal": "at most {le:g}",
    "string_too_long": "at most {max_length} characters",
    "literal_error": "{expected}",
    "headers": "a list of 'Name: value' or an object of names and values",
    "checks": "'all', 'none', or check ids, in a list or with commas between",
}


def fault_of(error: ErrorDetails, document: object) -> Fault:
    """What a validator complains of, at its place in the document that was validated."""
    pointer = pointer_to(error["loc"], document)
    context: dict[str, Any] = error.get("ctx", {})
    match error["type"]:
        case "value_error":  # our own validators say what came
            return Fault(str(context["error"]), pointer=pointer)
        case "missing":
            return Fault("expected this member, got none", pointer=pointer)
        case "extra_forbidden":
            return Fault("there is no such member", pointer=pointer)
        case "too_short" | "too_long" as kind:
            bound = context["min_length" if kind == "too_short" else "max_length"]
            return Fault(_tell_count(kind, bound, len(error["input"]), pointer), pointer=pointer)
        case "greater_than_equal" | "less_than_equal" if pointer in _RANGES:
            return Fault(f"expected {_RANGES[pointer]}, got {_show(error['input'])}", pointer=pointer)
        case kind:
            expected = _EXPECTED.get(kind, "another value").format_map(context)
            unshown = pointer.startswith(_UNSHOWN)
            got = _kind_of(error["input"]) if unshown else _show(error["input"])
            return Fault(f"expected {expected}, got {got}", pointer=pointer)


def find_repeats(text: str) -> list[Fault]:
    """Members that an object has more than once: readers differ in which of them counts (RFC 8259 section 4).

    `text` is known to be JSON.
    """
    objects = 0

    def make(members: list[tuple[str, object]]) -> dict[str, object]:
        nonlocal objects
        made = _Object(members)
        objects += made.repeated is not None
        return made

    # Numbers are not looked at: Python would refuse one of thousands of digits.
    document = json.loads(text, object_pairs_hook=make, parse_int=str, parse_float=str)
    return list(_tell_repeats(document, [])) if objects else []


class _Object(dict[str, object]):
    """The last of each; `repeated` counts the names that came before."""

    __slots__ = ("repeated",)

    def __init__(self, members: list[tuple[str, object]]) -> None:
        super().__init__(members)
        self.repeated: dict[str, int] | None = None
        if len(self) < len(members):
            counts: dict[str, int] = {}
            for name, _ in members:
                counts[name] = counts.get(name, 0) + 1
            self.repeated = {name: count for name, count in counts.items() if count > 1}


def _tell_repeats(value: object, place: list[int | str]) -> Iterator[Fault]:
    if isinstance(value, _Object):
        for name, count in (value.repeated or {}).items():
            yield Fault(f"expected this member once, got it {count} times", join_pointer([*place, name]))
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for step, member in members:
        yield from _tell_repeats(member, [*place, step])


def _tell_count(kind: str, bound: int, count: int, pointer: str) -> str:
    noun = _COUNTED.get(pointer, "element") + ("" if bound == 1 else "s")
    least = "least" if kind == "too_short" else "most"
    return f"expected at {least} {bound} {noun}, got {count or 'none'}"


def _kind_of(value: object) -> str:
    match value:
        case dict():
            return "an object"
        case list():
            return "an array"
        case str():
            return "a string"
        case bool():
            return "true or false"
        case None:
            return "null"
        case _:
            return "a number"


def _show(value: object) -> str:
    if isinstance(value, list | dict):
        return _kind_of(value)
    text = json.dumps(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
