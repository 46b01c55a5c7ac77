"""The parameters of a request's query: read one by one, and what is wrong with them told together."""

from collections.abc import Callable
from typing import Final, TypeVar

from aiohttp import web

from service.api.problems import Fault, Problem

T = TypeVar("T")
SHOWN: Final = 40  # characters of a wrong value that are told
NUMBER_DIGITS: Final = 15


class Query:
    """Keeps the faults of what is read until `check`."""

    def __init__(self, request: web.Request) -> None:
        self._query = request.query
        self._faults: list[Fault] = []

    def read(self, name: str, parse: Callable[[str], T | None], expected: str) -> T | None:
        """What `parse` makes of the parameter; None where it is not there, or is no such thing: a fault."""
        text = self._query.get(name)
        if text is None:
            return None
        value = parse(text)
        if value is None:
            self.refuse(f"expected {name} to be {expected}, got {text[:SHOWN]!r}", parameter(name))
        return value

    def read_once(self, name: str) -> str | None:
        """The parameter as it is; to have it more than once is a fault."""
        values = self._query.getall(name, [])
        if len(values) > 1:
            self.refuse(f"expected one {name}, got {len(values)}", parameter(name))
        return values[0] if values else None

    def read_count(self, name: str) -> int | None:
        return self.read(name, _parse_count, "a whole number, at least 1")

    def refuse(self, detail: str, location: str) -> None:
        self._faults.append(Fault(detail, location=location))

    def check(self) -> None:
        """Raises a 400 Problem with an entry for each fault."""
        if self._faults:
            one, *more = self._faults
            detail = f"{len(self._faults)} faults in the request" if more else one.detail
            raise Problem(400, detail, faults=self._faults)


def parameter(name: str) -> str:
    """Where a fault is."""
    return f"query parameter {name}"


def _parse_count(text: str) -> int | None:
    is_number = text.isascii() and text.isdigit() and len(text) <= NUMBER_DIGITS
    return (int(text) or None) if is_number else None
