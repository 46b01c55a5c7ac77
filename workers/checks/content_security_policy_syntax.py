"""How a Content-Security-Policy is written: what browsers skip, or read otherwise than it was meant."""

from collections.abc import Iterator
from typing import Final

from workers.check import Check, Rule
from workers.checks.content_security_policy import slips
from workers.checks.content_security_policy.mended import FIELD, SPECIFICATION, mended_line
from workers.model import Finding
from workers.response import Response
from workers.syntax.content_security_policy import parse_policies

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
UNQUOTED_KEYWORD = Rule(
    id=slips.UNQUOTED_KEYWORD,
    severity="medium",
    field=FIELD,
    message="{source} in {directive} lacks its single quotes, so browsers take it for a host's name.",
    why="Without the quotes neither what the keyword allows nor what it forbids is in force.",
    fix="Put the keyword in single quotes",
    reference=f"{SPECIFICATION}#grammardef-keyword-source",
)
UNKNOWN_KEYWORD = Rule(
    id=slips.UNKNOWN_KEYWORD,
    severity="low",
    field=FIELD,
    message="{source} in {directive} is no keyword, nonce or hash; browsers skip it.",
    why="A source that matches nothing allows nothing.",
    fix="Correct or remove the source",
    reference=f"{SPECIFICATION}#framework-directive-source-list",
)
NONE_AMONG_OTHERS = Rule(
    id=slips.NONE_AMONG_OTHERS,
    severity="low",
    field=FIELD,
    message="'none' in {directive} stands beside other sources, and then means nothing.",
    why="'none' forbids all only where it is alone.",
    fix="Remove 'none', or the other sources",
    reference=f"{SPECIFICATION}#match-url-to-source-list",
)
PLAIN_SOURCE = Rule(
    id=slips.PLAIN_SOURCE,
    severity="low",
    field=FIELD,
    message="{source} in {directive} allows plain http on a page that came over https.",
    why="What comes over http can be replaced on the way.",
    fix="Write the source with https (or wss)",
    reference=f"{SPECIFICATION}#match-schemes",
)

RULES: Final = (
    UNKNOWN_DIRECTIVE,
    RETIRED_DIRECTIVE,
    REPEATED_DIRECTIVE,
    UNQUOTED_KEYWORD,
    UNKNOWN_KEYWORD,
    NONE_AMONG_OTHERS,
    PLAIN_SOURCE,
)
BY_ID: Final = {rule.id: rule for rule in RULES}


def run(response: Response) -> Iterator[Finding]:
    # A slip is found once for each of its rules, with the first place as evidence; the fix mends all places.
    found: dict[str, tuple[str, str]] = {}
    for policy in parse_policies(response.values(FIELD)):
        for slip, directive, source in slips.slips_of(policy, response.is_https):
            found.setdefault(slip, (directive, source))
    fix = mended_line(response) if found else None
    for slip, (directive, source) in found.items():
        yield BY_ID[slip].found(source, directive=directive, name=directive, source=source, fix=fix)


CHECK = Check(
    id="content-security-policy-syntax",
    title="Content-Security-Policy: how it is written",
    why="Browsers skip what they do not understand in a policy, and say so only in their consoles.",
    reference=f"{SPECIFICATION}#framework-policy",
    rules=RULES,
    run=run,
)
