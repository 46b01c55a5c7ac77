"""Pragma (RFC 9111 section 5.4): a field of old requests that says nothing in a response."""

from collections.abc import Iterator

from workers.check import Check, Rule, removal
from workers.checks.cache_control.mended import mended_line, pragma_stands_alone
from workers.model import Finding
from workers.response import Response

FIELD = "Pragma"

ALONE = Rule(
    id="pragma-without-cache-control",
    severity="low",
    field=FIELD,
    message="Pragma: no-cache stands alone; in a response it means nothing, and caches may keep the page.",
    why="Only Cache-Control says it, and to all caches.",
    fix="Cache-Control: no-cache",
    reference="RFC 9111 section 5.4",
)
SUPERFLUOUS = Rule(
    id="pragma-superfluous",
    severity="info",
    field=FIELD,
    message="Pragma means nothing in a response; Cache-Control is what caches heed.",
    why="It was meant for requests to caches of HTTP/1.0, and is deprecated.",
    fix=removal(FIELD),
    reference="RFC 9111 section 5.4",
)


def run(response: Response) -> Iterator[Finding]:
    value = response.combined(FIELD)
    if value is None:
        return
    if pragma_stands_alone(response):
        yield ALONE.found(value, fix=mended_line(response))
    else:
        yield SUPERFLUOUS.found(value)


CHECK = Check(
    id="pragma",
    title="Pragma",
    why="Looks as if it kept the page out of caches, and does not.",
    reference="RFC 9111 section 5.4",
    rules=(ALONE, SUPERFLUOUS),
    run=run,
    needs=(FIELD,),
)
