"""The status line (RFC 9110 sections 2.5 and 15): versions and codes that are obsolete or undefined."""

from collections.abc import Iterator
from typing import Final

from workers.check import Check, Rule
from workers.model import Finding
from workers.response import Response

FIELD: Final = "status line"
HIGHEST: Final = 599  # RFC 9110 section 15: five classes there are

HTTP_1_0 = Rule(
    id="http-1-0-answered",
    severity="info",
    field=FIELD,
    message="The server answers in HTTP/1.0.",
    why="It has neither lasting connections nor chunks; most likely an old server or proxy is in the way.",
    fix="Turn HTTP/1.1 on, in the proxy before it as well",
    reference="RFC 9110 section 2.5",
)
OBSOLETE = Rule(
    id="status-obsolete",
    severity="low",
    field=FIELD,
    message="The status {status} is not to be used any more.",
    why="305 let a server put clients behind a proxy of its choice; browsers ignore it. 306 means nothing.",
    fix="Send another status",
    reference="RFC 9110 section 15.4.6",
)
UNDEFINED = Rule(
    id="status-undefined",
    severity="low",
    field=FIELD,
    message="The status {status} is of no class that is defined.",
    why="Clients take it for an error of the server, or refuse it.",
    fix="Send a status between 200 and 599",
    reference="RFC 9110 section 15",
)


def run(response: Response) -> Iterator[Finding]:
    if response.http_version == "1.0":
        yield HTTP_1_0.found("HTTP/1.0")
    if response.status in (305, 306):
        yield OBSOLETE.found(str(response.status), status=response.status)
    elif response.status > HIGHEST:
        yield UNDEFINED.found(str(response.status), status=response.status)


CHECK = Check(
    id="status-line",
    title="The status line",
    why="Old versions and codes of one's own are understood by few.",
    reference="RFC 9110 section 15",
    rules=(HTTP_1_0, OBSOLETE, UNDEFINED),
    run=run,
)
