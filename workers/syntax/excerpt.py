"""As much of a response's fields as a search for words is worth: the beginning of each, and of them all."""

from typing import Final

from workers.syntax.head import Field

VALUE_LIMIT: Final = 4_096  # characters of one value: what tells of itself does so at once
TOTAL_LIMIT: Final = 16_384  # … and of all: several times what any site sends


def excerpt(fields: tuple[Field, ...]) -> list[Field]:
    """The fields in order with values cut to `VALUE_LIMIT`, as many as fit into `TOTAL_LIMIT`."""
    if sum([len(name) + len(value) for name, value in fields]) <= VALUE_LIMIT:  # as nearly always
        return list(fields)
    found: list[Field] = []
    left = TOTAL_LIMIT
    for name, value in fields:
        left -= len(value) if len(value) < VALUE_LIMIT else VALUE_LIMIT
        left -= len(name)
        if left < 0:
            break
        found.append((name, value[:VALUE_LIMIT]))
    return found
