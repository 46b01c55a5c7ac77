"""As much of a response's fields as a search for words is worth: the beginning of each, and of them all."""

from typing import Final, NamedTuple

from workers.syntax.head import Field

VALUE_LIMIT: Final = 4_096  # characters of one value: what tells of itself does so at once
TOTAL_LIMIT: Final = 16_384  # … and of all: several times what any site sends


class Excerpt(NamedTuple):
    """The fields in order; `text` is their values, a line each."""

    fields: list[Field]
    text: str


def excerpt(fields: tuple[Field, ...]) -> Excerpt:
    """The fields in order with values cut to `VALUE_LIMIT`, as many as fit into `TOTAL_LIMIT`."""
    if sum([len(name) + len(value) for name, value in fields]) <= VALUE_LIMIT:  # as nearly always
        return _with_text(list(fields))
    found: list[Field] = []
    left = TOTAL_LIMIT
    for name, value in fields:
        left -= len(value) if len(value) < VALUE_LIMIT else VALUE_LIMIT
        left -= len(name)
        if left < 0:
            break
        found.append((name, value[:VALUE_LIMIT]))
    return _with_text(found)


def _with_text(fields: list[Field]) -> Excerpt:
    return Excerpt(fields, "\n".join([value for _, value in fields]))
