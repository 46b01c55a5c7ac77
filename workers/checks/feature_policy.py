"""Feature-Policy: the name and the syntax that Permissions-Policy had before (W3C Permissions Policy)."""

from collections.abc import Iterator

from workers.check import Check, Rule, removal
from workers.checks.permissions_policy import FIELD as NEW_FIELD
from workers.checks.permissions_policy.mended import mended_policy
from workers.model import Finding
from workers.response import Response
from workers.syntax.permissions_policy import salvage_policy

FIELD = "Feature-Policy"
REFERENCE = "https://www.w3.org/TR/permissions-policy/#introduction"

REPLACED = Rule(
    id="feature-policy-replaced",
    severity="low",
    field=FIELD,
    message="Feature-Policy was replaced by Permissions-Policy, and no standard has it any longer.",
    why="Browsers that came after the change, or never took the old header, restrict nothing for it.",
    fix=None,
    reference=REFERENCE,
)
SUPERFLUOUS = Rule(
    id="feature-policy-superfluous",
    severity="info",
    field=FIELD,
    message="Feature-Policy was sent beside Permissions-Policy, which took its place.",
    why="Where both name a feature the new header counts; two policies are one too many to keep in step.",
    fix=removal(FIELD),
    reference=REFERENCE,
)


def run(response: Response) -> Iterator[Finding]:
    values = response.values(FIELD)
    if not values:
        return
    if response.values(NEW_FIELD):
        yield SUPERFLUOUS.found(values[0])
    elif response.has_content:
        meant = salvage_policy(", ".join(values))
        yield REPLACED.found(values[0], fix=f"{NEW_FIELD}: {mended_policy(meant)}")


CHECK = Check(
    id="feature-policy",
    title="Feature-Policy",
    why="What it restricts has to be said in Permissions-Policy, in another syntax.",
    reference=REFERENCE,
    rules=(REPLACED, SUPERFLUOUS),
    run=run,
    needs=(FIELD,),
)
