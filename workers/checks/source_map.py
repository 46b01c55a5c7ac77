"""SourceMap (ECMA-426): where the sources that a script or stylesheet was made of can be read."""

from collections.abc import Iterator

from workers.check import Check, Rule, removal
from workers.model import Finding
from workers.response import Response

FIELD = "SourceMap"
OLD_FIELD = "X-SourceMap"
SPECIFICATION = "https://tc39.es/ecma426/"

EXPOSED = Rule(
    id="source-map-exposed",
    severity="info",
    field=FIELD,
    message="The header says where to find the sources that this was made of, comments and all.",
    why="Source maps help whoever debugs the site, and whoever looks for its weaknesses.",
    fix=removal(FIELD),
    reference=f"{SPECIFICATION}#sec-linking-through-http-headers",
)


def run(response: Response) -> Iterator[Finding]:
    for name in (FIELD, OLD_FIELD):
        values = response.values(name)
        if values:
            yield EXPOSED.found(values[0], field=name, fix=removal(name))
            return  # who sends both names sends the same address


CHECK = Check(
    id="source-map",
    title="SourceMap",
    why="Tells where a site that publishes its source maps gives more away than it may mean to.",
    reference=SPECIFICATION,
    rules=(EXPOSED,),
    run=run,
    needs=(FIELD, OLD_FIELD),
)
