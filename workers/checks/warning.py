"""Warning: what caches once added to stale responses; RFC 9111 section 5.5 has ended it."""

from collections.abc import Iterator

from workers.check import Check, Rule, removal
from workers.model import Finding
from workers.response import Response

FIELD = "Warning"

OBSOLETE = Rule(
    id="warning-obsolete",
    severity="info",
    field=FIELD,
    message="Warning is obsolete: it was hardly ever sent, and no browser shows it.",
    why="What it told, Age and Cache-Status tell; it can name software and hosts behind the site.",
    fix=removal(FIELD),
    reference="RFC 9111 section 5.5",
)


def run(response: Response) -> Iterator[Finding]:
    values = response.values(FIELD)
    if values:
        yield OBSOLETE.found(values[0])


CHECK = Check(
    id="warning",
    title="Warning",
    why="A field that nobody reads any more.",
    reference="RFC 9111 section 5.5",
    rules=(OBSOLETE,),
    run=run,
    needs=(FIELD,),
)
