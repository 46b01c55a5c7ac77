"""The sources of a Content-Security-Policy: those that browsers skip, or read otherwise than they were meant.

Nonces and hashes have a check of their own.
"""

from collections.abc import Iterator
from typing import Final

from workers.check import Check, Rule
from workers.checks.content_security_policy import sources
from workers.checks.content_security_policy.enforced import FIELD
from workers.checks.content_security_policy.found import slips_found
from workers.checks.content_security_policy.mended import SPECIFICATION
from workers.model import Finding
from workers.response import Response

UNQUOTED_KEYWORD = Rule(
    id=sources.UNQUOTED_KEYWORD,
    severity="medium",
    field=FIELD,
    message="{source} in {directive} lacks its single quotes, so browsers take it for a host's name.",
    why="Without the quotes neither what the keyword allows nor what it forbids is in force.",
    fix="Put the keyword in single quotes",
    reference=f"{SPECIFICATION}#grammardef-keyword-source",
)
UNKNOWN_KEYWORD = Rule(
    id=sources.UNKNOWN_KEYWORD,
    severity="low",
    field=FIELD,
    message="{source} in {directive} is no keyword, nonce or hash; browsers skip it.",
    why="A source that matches nothing allows nothing.",
    fix="Correct or remove the source",
    reference=f"{SPECIFICATION}#framework-directive-source-list",
)
NONE_AMONG_OTHERS = Rule(
    id=sources.NONE_AMONG_OTHERS,
    severity="low",
    field=FIELD,
    message="'none' in {directive} stands beside other sources, and then means nothing.",
    why="'none' forbids all only where it is alone.",
    fix="Remove 'none', or the other sources",
    reference=f"{SPECIFICATION}#match-url-to-source-list",
)
PLAIN_SOURCE = Rule(
    id=sources.PLAIN_SOURCE,
    severity="low",
    field=FIELD,
    message="{source} in {directive} allows plain http on a page that came over https.",
    why="What comes over http can be replaced on the way.",
    fix="Write the source with https (or wss)",
    reference=f"{SPECIFICATION}#match-schemes",
)
RETIRED_KEYWORD = Rule(
    id=sources.RETIRED_KEYWORD,
    severity="low",
    field=FIELD,
    message="{source} in {directive} was a draft's keyword; browsers skip it.",
    why="What it was to allow has another name today, or no longer exists.",
    fix="Write 'wasm-unsafe-eval' for 'wasm-eval', 'unsafe-hashes' for 'unsafe-hashed-attributes'",
    reference=f"{SPECIFICATION}#grammardef-keyword-source",
)
WITHOUT_EFFECT = Rule(
    id=sources.WITHOUT_EFFECT,
    severity="info",
    field=FIELD,
    message="{source} does nothing in {directive}.",
    why="Keywords, nonces and hashes are about inline code, eval() and elements; nothing else asks for them.",
    fix="Move the source to the directive that it is for, or leave it out",
    reference=f"{SPECIFICATION}#framework-directive-source-list",
)
INVALID = Rule(
    id=sources.INVALID_SOURCE,
    severity="low",
    field=FIELD,
    message="{source} in {directive} is no source expression; browsers skip it.",
    why="A source is a scheme (https:), or a host with scheme, port and path; * stands at its start.",
    fix="Correct or remove the source",
    reference=f"{SPECIFICATION}#grammardef-host-source",
)
WITH_QUERY = Rule(
    id=sources.WITH_QUERY,
    severity="low",
    field=FIELD,
    message="{source} in {directive} has a query or fragment, which is no part of a source.",
    why="Browsers skip such a source, or match it without its query.",
    fix="End the source with its path",
    reference=f"{SPECIFICATION}#grammardef-host-source",
)
ADDRESS = Rule(
    id=sources.ADDRESS,
    severity="info",
    field=FIELD,
    message="{source} in {directive} is an IP address; by the standard only 127.0.0.1 ever matches.",
    why="Browsers differ in what they do with it, and addresses change hands.",
    fix="Name the host",
    reference=f"{SPECIFICATION}#match-hosts",
)

RULES: Final = (
    UNQUOTED_KEYWORD,
    UNKNOWN_KEYWORD,
    RETIRED_KEYWORD,
    NONE_AMONG_OTHERS,
    PLAIN_SOURCE,
    WITHOUT_EFFECT,
    INVALID,
    WITH_QUERY,
    ADDRESS,
)
# What is no page loads nothing by the policy; how its sources are written is a slip there too.
_ANYWHERE: Final = tuple(rule for rule in RULES if rule is not PLAIN_SOURCE)


def run(response: Response) -> Iterator[Finding]:
    return slips_found(response, RULES if response.is_page else _ANYWHERE)


CHECK = Check(
    id="content-security-policy-sources",
    title="Content-Security-Policy: its sources",
    why="A source that is written wrongly allows nothing, or something else.",
    reference=f"{SPECIFICATION}#framework-directive-source-list",
    rules=RULES,
    run=run,
    needs=(FIELD,),
)
