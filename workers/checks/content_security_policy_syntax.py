"""How a Content-Security-Policy is written: what browsers skip, or read otherwise than it was meant."""

from collections.abc import Iterator
from typing import Final

from workers.check import Check, Rule
from workers.checks.content_security_policy import slips, sources
from workers.checks.content_security_policy.enforced import FIELD, enforced
from workers.checks.content_security_policy.found import slips_found
from workers.checks.content_security_policy.mended import LINE_LIMIT, SPECIFICATION
from workers.checks.content_security_policy.vocabulary import KNOWN
from workers.model import Finding
from workers.response import Response
from workers.syntax.content_security_policy import FALLBACKS, Policy, parse_policies
from workers.syntax.verbatim import as_sent

UNKNOWN_DIRECTIVE = Rule(
    id=slips.UNKNOWN_DIRECTIVE,
    severity="low",
    field=FIELD,
    message="No browser knows the directive {name}; it restricts nothing.",
    why="Browsers skip a directive that they do not know, so a misspelt one protects nothing.",
    fix="Correct or remove the directive",
    reference=f"{SPECIFICATION}#parse-serialized-policy",
)
RETIRED_DIRECTIVE = Rule(
    id=slips.RETIRED_DIRECTIVE,
    severity="info",
    field=FIELD,
    message="The directive {name} is out of the specification; browsers skip it, or will.",
    why="What it did is done otherwise today, or by default.",
    fix="Remove the directive",
    reference=f"{SPECIFICATION}#csp-directives",
)
REPEATED_DIRECTIVE = Rule(
    id=slips.REPEATED_DIRECTIVE,
    severity="low",
    field=FIELD,
    message="The directive {name} is given again; browsers take the first and skip the others.",
    why="Sources listed in the second do not count.",
    fix="Join the sources in one directive",
    reference=f"{SPECIFICATION}#parse-serialized-policy",
)
SKIPPED_DIRECTIVE = Rule(
    id=slips.SKIPPED_DIRECTIVE,
    severity="low",
    field=FIELD,
    message="A directive has characters that are not ASCII: browsers skip the whole of it.",
    why="Typographic quotes and unencoded names take everything in their directive with them.",
    fix="Write the directive in ASCII: plain quotes, and hosts as xn-- names",
    reference=f"{SPECIFICATION}#parse-serialized-policy",
)
SEMICOLON_MISSING = Rule(
    id=sources.SEMICOLON,
    severity="medium",
    field=FIELD,
    message="{source} stands among the values of {directive}: a semicolon is missing before it.",
    why="The directive that was meant is not in force, and what it lists counts for the one before.",
    fix="Put a semicolon before each directive's name",
    reference=f"{SPECIFICATION}#parse-serialized-policy",
)
SOURCE_AS_DIRECTIVE = Rule(
    id=slips.SOURCE_AS_DIRECTIVE,
    severity="medium",
    field=FIELD,
    message="{name} is a source, but a comma or semicolon before it makes it a directive's name.",
    why="The list that it belongs to ended before it, so this source and those after it do not count.",
    fix="Part the sources of a directive by spaces alone",
    reference=f"{SPECIFICATION}#parse-response-csp",
)
VALUE_IGNORED = Rule(
    id=slips.VALUE_IGNORED,
    severity="info",
    field=FIELD,
    message="{directive} takes no value; {source} says nothing.",
    why="The directive is in force whatever is said after it, be it 0 or false.",
    fix="Leave the value out, or the directive if it is not wanted",
    reference="https://www.w3.org/TR/upgrade-insecure-requests/#delivery",
)
COMMA = Rule(
    id="csp-comma-for-semicolon",
    severity="info",
    field=FIELD,
    message="A comma begins a second policy before {directive}; default-src of the first still counts there.",
    why="Policies are enforced together; only within one does a directive take the place of default-src.",
    fix="Part the directives of one policy by semicolons",
    reference=f"{SPECIFICATION}#multiple-policies",
)

RULES: Final = (
    UNKNOWN_DIRECTIVE,
    RETIRED_DIRECTIVE,
    REPEATED_DIRECTIVE,
    SKIPPED_DIRECTIVE,
    SEMICOLON_MISSING,
    SOURCE_AS_DIRECTIVE,
    VALUE_IGNORED,
)


def run(response: Response) -> Iterator[Finding]:
    values = enforced(response)
    if not values:
        return
    yield from slips_found(response, RULES)
    if len(values) == 1 and "," in values[0]:
        yield from _judge_commas(values[0], parse_policies(values))


def _judge_commas(sent: str, policies: tuple[Policy, ...]) -> Iterator[Finding]:
    """A later policy that lists what default-src of the first one forbids, and so cannot allow it."""
    if len(policies) < 2 or "default-src" not in policies[0].directives:
        return
    fallback = {source.lower() for source in policies[0].directives["default-src"]}
    merged = dict(policies[0].directives)
    loosened = None
    for policy in policies[1:]:
        if not merged.keys().isdisjoint(policy.directives) or not KNOWN.issuperset(policy.directives):
            return
        for name, given in policy.directives.items():
            if loosened is None and "default-src" in FALLBACKS.get(name, ()):
                allowed = {source.lower() for source in given} - {"'none'"}
                loosened = None if allowed <= fallback else name
        merged.update(policy.directives)
    if loosened is not None:
        meant = str(Policy(merged))
        fix = f"Where one policy was meant, send it as {meant}" if len(meant) <= LINE_LIMIT else None
        yield COMMA.found(as_sent(loosened, sent), directive=loosened, fix=fix)


CHECK = Check(
    id="content-security-policy-syntax",
    title="Content-Security-Policy: how it is written",
    why="Browsers skip what they do not understand in a policy, and say so only in their consoles.",
    reference=f"{SPECIFICATION}#framework-policy",
    rules=(*RULES, COMMA),
    run=run,
    needs=(FIELD,),
)
