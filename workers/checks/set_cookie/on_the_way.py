"""Cookies set by the redirects that led to a response (RFC 6265bis section 5.7: any status will do).

Each is judged by what is true where it was set: its URL's scheme and host, the HSTS policy that came with it.
One that a later response of the chain sets anew, or deletes, is judged there only.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from workers.check import placed
from workers.checks import directory, response_at
from workers.checks.set_cookie.lines import Line, judge, read_lines
from workers.checks.set_cookie.sent import FIELD, Sent, Setting
from workers.model import Finding
from workers.response import Response
from workers.syntax.cookie_store import Stored
from workers.syntax.outline import with_outline

KEY: Final = FIELD.lower()
LINES_LIMIT: Final = 25  # of all hops, the last ones first: half as much again as the response's own may cost

Identity = tuple[str, str, str, str]
"""Name, domain, host where it is that host's alone, and path: what two lines about one cookie share."""


def find(response: Response, last: Iterable[Line], *, limit: int) -> Iterator[Finding]:
    """In the order of the chain, and no more than `limit` or so. `last` are the response's own lines."""
    hops = [hop for hop in response.earlier if with_outline(hop.headers).values(KEY)]
    room = LINES_LIMIT
    set_later = set(_replacing(response, last))
    found: list[list[Finding]] = []
    for hop in reversed(hops):
        if room == 0:
            break
        there = response_at(hop)
        values = there.values(FIELD)
        read = read_lines(values[:room], Setting(there))
        room -= len(read)
        left = [line for line in read if _identity(there, line) not in set_later]
        findings = judge(left, len(values) - len(read) + len(left), limit=limit, gives_lines=False)
        found.append([placed(finding, "set", hop.url) for finding in findings])
        set_later.update(_replacing(there, read))
    yield from islice((finding for findings in reversed(found) for finding in findings), limit)


def _replacing(response: Response, lines: Iterable[Line]) -> Iterator[Identity]:
    """The cookies that a browser has anew after the lines, or no longer; those it refuses change nothing."""
    for line in lines:
        if isinstance(line.read, Sent) and isinstance(line.read.answer, Stored):
            identity = _identity(response, line)
            if identity is not None:
                yield identity


def _identity(response: Response, line: Line) -> Identity | None:
    """As `Stored.identity`, with the response's own host, and of lines that are refused as well: a cookie may
    be refused over http that is set over https. None of a line that is no cookie."""
    if not isinstance(line.read, Sent):
        return None
    cookie, answer = line.read.cookie, line.read.answer
    domain = cookie.domain
    if isinstance(answer, Stored) and answer.host_only:
        domain = ""
    path = cookie.path or directory(response)
    return cookie.name, domain, "" if domain else response.host, path
