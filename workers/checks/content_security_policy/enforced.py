"""The policies that are in force: those of the header or, where it has none, those of the page's `<meta>`.

A `<meta>` beside a header's policy could only restrict further. What the header says is judged by itself
then: it can be mended there, and holds for the whole page.
"""

from functools import lru_cache
from typing import Final

from workers.response import Response
from workers.syntax.content_security_policy import (
    CHARACTERS_READ,
    DIRECTIVES_READ,
    POLICIES_READ,
    parse_policies,
)

FIELD: Final = "Content-Security-Policy"
# CSP3 section 3.3: what browsers leave out of a policy that stands in the page.
ONLY_IN_HEADERS: Final = frozenset({"frame-ancestors", "report-uri", "sandbox"})


def enforced(response: Response) -> tuple[str, ...]:
    """The values to parse. What was sent is among them where nothing else is, even if it holds no policy."""
    sent = response.values(FIELD)
    if not response.is_page or parse_policies(sent):
        return sent
    written = written_in_page(response)
    return (_without_ignored(written) if written else ()) or sent


def first_policy(values: tuple[str, ...]) -> str:
    """The first policy of a header's values, as it was sent."""
    texts = (text.strip(" \t") for value in values for text in value.split(","))
    return next((text for text in texts if parse_policies((text,))), "")


def written_in_page(response: Response) -> tuple[str, ...]:
    """The policies of the page's `<meta>`, whole, to be read as a header's values."""
    meta = response.meta
    return () if meta is None else _as_values(meta.content_security_policy)


@lru_cache(maxsize=1)  # the checks ask one after another
def _as_values(contents: tuple[str, ...]) -> tuple[str, ...]:
    """A comma parts policies in a header, and is part of a source here (HTML section 4.2.5.3)."""
    left = CHARACTERS_READ + 1  # one more: that not all is read is told by whoever reads
    values = []
    for content in contents[: POLICIES_READ + 1]:
        values.append(content[:left].replace(",", "%2C"))
        left -= len(content)
        if left <= 0:
            break
    return tuple(values)


@lru_cache(maxsize=1)
def _without_ignored(values: tuple[str, ...]) -> tuple[str, ...]:
    """What browsers heed of the policies; none of those that hold nothing else."""
    return tuple(value for value in map(_heeded, values) if parse_policies((value,)))


def _heeded(value: str) -> str:
    parts = value.split(";", DIRECTIVES_READ)  # what is behind those is not read
    return ";".join(part for part in parts if ONLY_IN_HEADERS.isdisjoint(part.lower().split(None, 1)[:1]))
