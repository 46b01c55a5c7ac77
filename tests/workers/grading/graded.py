"""One response as `grade` takes it to a worker, and its record."""

import json
from typing import Any

from workers.grading.entry import inspect
from workers.grading.given import Form, Given, Piece


def grade(form: Form, text: bytes | dict[str, Any]) -> dict[str, Any]:
    """The record of an entry of a HAR, or of a line."""
    data = text if isinstance(text, bytes) else json.dumps(text).encode()
    where = "entry 7" if form == "entry" else "line 7"
    given = Given(1, where, None, (), None, 0.0, 0.0, checks="none", piece=Piece(form, where, (data,)))
    record: dict[str, Any] = json.loads(inspect(given).line)
    return record


def entry(response: dict[str, Any] | None) -> dict[str, Any]:
    return {"request": {"method": "GET", "url": "https://a.example/"}, "response": response}
