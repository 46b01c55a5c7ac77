"""Fields that may be sent once (RFC 9110 section 5.3), sent several times.

Those whose own checks tell of it are left to them: Location, Content-Type, Date, ETag, Set-Cookie and the
fields of CORS, caching and security.
"""

from collections.abc import Iterator

from workers.check import Check, Rule
from workers.checks.information_disclosure import SERVER, server_fix
from workers.model import Finding
from workers.response import Response

SINGLETONS = ("Content-Disposition", "Content-Location", "Content-Range", "Retry-After")
# Their own checks give a line for them, and one line is enough.
MENDED_ELSEWHERE = frozenset({"Content-Disposition", "Content-Location"})

SERVER_REPEATED = Rule(
    id="server-repeated",
    severity="info",
    field=SERVER,
    message="{count} Server fields were sent.",
    why="Server is of one server: where a proxy adds its own, the second tells what stands behind it.",
    fix="Have the proxy replace Server, or leave it out",
    reference="RFC 9110 section 10.2.4",
)
REPEATED = Rule(
    id="singleton-repeated",
    severity="low",
    field="Content-Disposition",
    message="{name} was sent {count} times with different values; only one can count.",
    why="Which one does is each client's choice: the first, the last, or both as one that is malformed.",
    fix="Send the field once",
    reference="RFC 9110 section 5.3",
)


def run(response: Response) -> Iterator[Finding]:
    servers = response.values(SERVER)
    if len(servers) > 1:
        yield SERVER_REPEATED.found(", ".join(servers[:5]), count=len(servers), fix=server_fix(servers))
    for name in SINGLETONS:
        values = response.values(name)
        if len(values) > 1 and len(set(values)) > 1:
            fix = None if name in MENDED_ELSEWHERE else f"{name}: {values[0]}"
            evidence = ", ".join(values[:5])
            yield REPEATED.found(evidence, field=name, fix=fix, name=name, count=len(values))


CHECK = Check(
    id="singletons",
    title="Fields sent more than once",
    why="Two values for what can only be one make clients disagree.",
    reference="RFC 9110 section 5.3",
    rules=(SERVER_REPEATED, REPEATED),
    run=run,
)
