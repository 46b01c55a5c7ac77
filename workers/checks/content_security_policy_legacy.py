"""The names that Content-Security-Policy had while it was tried out, which no browser reads any more."""

from collections.abc import Iterator

from workers.check import Check, Rule, removal
from workers.checks.content_security_policy.mended import SPECIFICATION
from workers.model import Finding
from workers.response import Response


def _obsolete(name: str, browsers: str, today: str) -> Rule:
    """The rule that the field is not to be sent under the name that the browsers once read."""
    return Rule(
        id=f"{name.lower()}-obsolete",
        severity="low",
        field=name,
        message=f"{name} is the name of a draft, for {browsers}: today's browsers ignore it.",
        why=f"A policy under this name protects nobody, and its name is {today} now.",
        fix=removal(name),
        reference=f"{SPECIFICATION}#csp-header",
    )


ENFORCED, REPORTED = "Content-Security-Policy", "Content-Security-Policy-Report-Only"
OBSOLETE = (
    _obsolete("X-Content-Security-Policy", "Firefox before 23 and Internet Explorer", ENFORCED),
    _obsolete("X-Content-Security-Policy-Report-Only", "Firefox before 23", REPORTED),
    _obsolete("X-WebKit-CSP", "Chrome before 25 and Safari before 7", ENFORCED),
    _obsolete("X-WebKit-CSP-Report-Only", "Chrome before 25 and Safari before 7", REPORTED),
)


def run(response: Response) -> Iterator[Finding]:
    for rule in OBSOLETE:
        values = response.values(rule.field)
        if values:
            yield rule.found(values[0])


CHECK = Check(
    id="content-security-policy-legacy",
    title="Content-Security-Policy under its old names",
    why="An old name beside the new one is two policies to keep; alone it is none.",
    reference=f"{SPECIFICATION}#csp-header",
    rules=OBSOLETE,
    run=run,
    needs=tuple(rule.field for rule in OBSOLETE),
)
