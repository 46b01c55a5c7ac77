"""Timing-Allow-Origin (W3C Resource Timing section 4.5): which sites see how long the response took.

For images, scripts and the like * is what their hosts mean, and says nothing of a visitor; for pages and data
it is worth knowing.
"""

import re
from collections.abc import Iterator

from workers.check import Check, Rule, removal
from workers.model import Finding
from workers.response import HTML_TYPES, Response
from workers.syntax.parameters import LIMIT

FIELD = "Timing-Allow-Origin"
SPECIFICATION = "https://www.w3.org/TR/resource-timing/#sec-timing-allow-origin"
DATA_TYPES = frozenset({"application/json", "application/xml", "text/xml", *HTML_TYPES})
_ORIGIN = re.compile(r"[a-z][a-z0-9+.\-]*+://(?:\[[0-9a-f:.]++\]|[a-z0-9._~\-]++)(?::\d{1,5})?", re.ASCII)

ANY = Rule(
    id="timing-allowed-to-all",
    severity="info",
    field=FIELD,
    message="Any site may see how long this answer took and how large it was.",
    why="Where the answer depends on who asks, its time and size tell of the visitor.",
    fix=removal(FIELD),
    reference=f"{SPECIFICATION}",
)
INVALID = Rule(
    id="timing-allow-origin-invalid",
    severity="low",
    field=FIELD,
    message="{origin} is no origin, so it matches none.",
    why="Members are compared with the asking page's origin, byte by byte: no path, no pattern, no quotes.",
    fix=removal(FIELD),
    reference=SPECIFICATION,
)


def run(response: Response) -> Iterator[Finding]:
    value = response.combined(FIELD)
    if value is None or len(value) > LIMIT:
        return
    members = [member for part in value.split(",") if (member := part.strip(" \t"))]
    right = [member for member in members if _ORIGIN.fullmatch(member)]
    wrong = [member for member in members if member not in ("*", "null") and member not in right]
    line = f"{FIELD}: {', '.join(right)}" if right else removal(FIELD)
    if wrong:
        yield INVALID.found(wrong[0], origin=wrong[0], fix=line)
    if "*" in members and response.has_content and response.media_type in DATA_TYPES:
        yield ANY.found(value, fix=line)


CHECK = Check(
    id="timing-allow-origin",
    title="Timing-Allow-Origin",
    why="Opens the times of a response, and its size, to other sites' scripts.",
    reference=SPECIFICATION,
    rules=(ANY, INVALID),
    run=run,
    needs=(FIELD,),
)
