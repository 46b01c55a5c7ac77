"""Origin-Agent-Cluster (WHATWG HTML section 7.1.2): a page kept apart from its site's other origins."""

from collections.abc import Iterator

from workers.check import Check, Rule, removal
from workers.checks import is_trusted
from workers.model import Finding
from workers.response import Response
from workers.syntax.parameters import LIMIT
from workers.syntax.structured_fields import InvalidStructuredField, parse

FIELD = "Origin-Agent-Cluster"
SPECIFICATION = "https://html.spec.whatwg.org/multipage/browsers.html#origin-keyed-agent-clusters"

INVALID = Rule(
    id="origin-agent-cluster-invalid",
    severity="low",
    field=FIELD,
    message="The value is no structured boolean, so browsers ignore it.",
    why="A structured field's booleans are ?1 and ?0; true, 1 and words mean something else.",
    fix=f"{FIELD}: ?1",
    reference=SPECIFICATION,
)
GIVEN_UP = Rule(
    id="origin-agent-cluster-given-up",
    severity="info",
    field=FIELD,
    message="The page asks to share its agent cluster with the other origins of its site.",
    why="Then document.domain can open the page to them, and browsers may not give it a process of its own.",
    fix=f"{FIELD}: ?1",
    reference=SPECIFICATION,
)
OVER_HTTP = Rule(
    id="origin-agent-cluster-over-http",
    severity="info",
    field=FIELD,
    message="The header came over plain http, where browsers ignore it.",
    why="It counts in secure contexts only.",
    fix=removal(FIELD),
    reference=SPECIFICATION,
)


def run(response: Response) -> Iterator[Finding]:
    value = response.combined(FIELD)
    if value is None or not response.is_page:
        return
    if not is_trusted(response):
        yield OVER_HTTP.found(value)
    else:
        asked = _boolean(value)
        if asked is None:
            yield INVALID.found(value)
        elif not asked:
            yield GIVEN_UP.found(value)


def _boolean(text: str) -> bool | None:
    """What a structured item says that is a boolean; None for anything else."""
    if text in ("?1", "?0"):  # nearly always
        return text == "?1"
    if len(text) > LIMIT:
        return None
    try:
        item = parse(text, "item")
    except InvalidStructuredField:
        return None
    bare = item[0] if isinstance(item, tuple) else item
    return bare if isinstance(bare, bool) else None


CHECK = Check(
    id="origin-agent-cluster",
    title="Origin-Agent-Cluster",
    why="Keeps the page apart from other origins of its site, in a process of its own where it can be.",
    reference=SPECIFICATION,
    rules=(INVALID, GIVEN_UP, OVER_HTTP),
    run=run,
    needs=(FIELD,),
)
