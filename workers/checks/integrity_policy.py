"""Integrity-Policy (W3C Subresource Integrity section 3.8): scripts and styles must come with their hash."""

from collections.abc import Iterator
from typing import Any

import http_sf

from workers.check import Check, Rule, removal
from workers.model import Finding
from workers.response import Response
from workers.syntax.parameters import LIMIT
from workers.syntax.structured_fields import InvalidStructuredField, parse

FIELD = "Integrity-Policy"
FIELDS = (FIELD, f"{FIELD}-Report-Only")
DESTINATIONS = ("script", "style")
SPECIFICATION = "https://www.w3.org/TR/sri-2/#integrity-policy-section"

MALFORMED = Rule(
    id="integrity-policy-malformed",
    severity="low",
    field=FIELD,
    message="The value is no structured dictionary, so browsers ignore the whole header.",
    why="Its members are lists in parentheses, with commas between.",
    fix=f"{FIELD}: blocked-destinations=(script)",
    reference=SPECIFICATION,
)
BLOCKS_NOTHING = Rule(
    id="integrity-policy-blocks-nothing",
    severity="low",
    field=FIELD,
    message="blocked-destinations names nothing that there is, so the policy blocks nothing.",
    why="It has to be a list in parentheses with script, style or both.",
    fix=f"{FIELD}: blocked-destinations=(script)",
    reference=SPECIFICATION,
)
NO_SOURCE = Rule(
    id="integrity-policy-without-source",
    severity="low",
    field=FIELD,
    message="sources does not name inline, the one source that there is; the policy blocks nothing.",
    why="Where sources is given it has to hold inline; left out, it does.",
    fix=f"{FIELD}: blocked-destinations=(script)",
    reference=SPECIFICATION,
)
UNHEARD = Rule(
    id="integrity-policy-trial-without-endpoint",
    severity="info",
    field=FIELDS[1],
    message="The trial does not say by endpoints who is to hear of it.",
    why="A trial blocks nothing, and one that nobody hears of tries nothing out.",
    fix=removal(FIELDS[1]),
    reference=SPECIFICATION,
)


def run(response: Response) -> Iterator[Finding]:
    for field in FIELDS:
        value = response.combined(field)
        if value is not None and len(value) <= LIMIT:
            yield from _judge(field, value)


def _judge(field: str, value: str) -> Iterator[Finding]:
    try:
        policy: Any = parse(value, "dictionary")
    except InvalidStructuredField:
        words = [word for word in DESTINATIONS if word in value.lower()]
        yield MALFORMED.found(value, field=field, fix=_line(field, words, []))
        return
    blocked = [name for name in _tokens(policy, "blocked-destinations") if name in DESTINATIONS]
    endpoints = _tokens(policy, "endpoints")
    fix = _line(field, blocked, endpoints)
    if not blocked:
        yield BLOCKS_NOTHING.found(value, field=field, fix=fix)
    if "sources" in policy and "inline" not in _tokens(policy, "sources"):
        yield NO_SOURCE.found(value, field=field, fix=fix)
    if field == FIELDS[1] and not endpoints:
        yield UNHEARD.found(value, fix=fix)


def _line(field: str, blocked: list[str], endpoints: list[str]) -> str:
    """The policy without a fault; of a trial that has no endpoint, its removal."""
    if field == FIELDS[1] and not endpoints:
        return removal(field)
    line = f"{field}: blocked-destinations=({' '.join(blocked or DESTINATIONS[:1])})"
    return f"{line}, endpoints=({' '.join(endpoints)})" if endpoints else line


def _tokens(policy: dict[str, Any], member: str) -> list[str]:
    value, _ = policy.get(member, ((), None))
    return (
        [str(item) for item, _ in value if isinstance(item, http_sf.Token)] if isinstance(value, list) else []
    )


CHECK = Check(
    id="integrity-policy",
    title="Integrity-Policy",
    why="Makes a script without a hash a script that does not run, where browsers can read the policy.",
    reference=SPECIFICATION,
    rules=(MALFORMED, BLOCKS_NOTHING, NO_SOURCE, UNHEARD),
    run=run,
    needs=FIELDS,
)
