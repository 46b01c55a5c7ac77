"""Cross-Origin-Resource-Policy (WHATWG Fetch section 3.7): which sites may embed the response.

Its absence is no finding: whether a response is meant for other sites cannot be seen from it.
"""

from collections.abc import Iterator

from workers.check import Check, Rule
from workers.model import Finding
from workers.response import Response

FIELD = "Cross-Origin-Resource-Policy"
VALUES = ("same-origin", "same-site", "cross-origin")
SPECIFICATION = "https://fetch.spec.whatwg.org/#cross-origin-resource-policy-header"

INVALID = Rule(
    id="resource-policy-invalid",
    severity="low",
    field=FIELD,
    message="The value is no resource policy, so browsers ignore it and any site may embed the response.",
    why="The whole value is compared, in lower case: a list or a quoted value matches nothing.",
    fix=f"{FIELD}: same-origin",
    reference="https://fetch.spec.whatwg.org/#cross-origin-resource-policy-internal-check",
)


def run(response: Response) -> Iterator[Finding]:
    value = response.combined(FIELD)
    if value is not None and value not in VALUES:
        meant = value.split(",", 1)[0].strip(" \t\"'").lower()
        yield INVALID.found(value, fix=f"{FIELD}: {meant}" if meant in VALUES else None)


CHECK = Check(
    id="cross-origin-resource-policy",
    title="Cross-Origin-Resource-Policy (CORP)",
    why="Keeps other sites from embedding a response, and from learning of it through side channels.",
    reference=SPECIFICATION,
    rules=(INVALID,),
    run=run,
    needs=(FIELD,),
)
