"""X-Permitted-Cross-Domain-Policies (Adobe's cross-domain policy file specification, section 3): whose policy
files Flash and Acrobat obey.

Flash is gone, Acrobat is not; that the field is absent is no finding.
"""

from collections.abc import Iterator

from workers.check import Check, Rule
from workers.model import Finding
from workers.response import Response

FIELD = "X-Permitted-Cross-Domain-Policies"
VALUES = frozenset({"none", "master-only", "by-content-type", "by-ftp-filename", "all", "none-this-response"})
SPECIFICATION = "https://www.adobe.com/devnet-docs/acrobatetk/tools/AppSec/xdomain.html"

ALL = Rule(
    id="cross-domain-policies-all",
    severity="low",
    field=FIELD,
    message="Every file on the host may be a policy that lets other sites' documents read from it.",
    why="Whoever can upload a file then decides who may read the host's data with its visitors' cookies.",
    fix=f"{FIELD}: none",
    reference=SPECIFICATION,
)
INVALID = Rule(
    id="cross-domain-policies-invalid",
    severity="info",
    field=FIELD,
    message="The value is none of the six that there are.",
    why="What a reader does with an unknown value is its own choice.",
    fix=f"{FIELD}: none",
    reference=SPECIFICATION,
)


def run(response: Response) -> Iterator[Finding]:
    values = response.values(FIELD)
    if not values:
        return
    given = {value.strip(" \t").lower(): value for value in values}
    if "all" in given:
        yield ALL.found(given["all"])
    elif not given.keys() <= VALUES:
        yield INVALID.found(", ".join(values))


CHECK = Check(
    id="x-permitted-cross-domain-policies",
    title="X-Permitted-Cross-Domain-Policies",
    why="Keeps Acrobat's documents of other sites from reading what the host has.",
    reference=SPECIFICATION,
    rules=(ALL, INVALID),
    run=run,
    needs=(FIELD,),
)
