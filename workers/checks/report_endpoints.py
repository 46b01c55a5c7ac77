"""Policies that report to an endpoint which the response does not define.

Of Content-Security-Policy another check judges the directives; here are the policies whose endpoint is a
parameter: opener, embedder and permissions policies, and the integrity policy's endpoints.
"""

from collections.abc import Iterator
from typing import Any

from workers.check import Check, Rule
from workers.model import Finding
from workers.response import Response
from workers.syntax.parameters import LIMIT
from workers.syntax.permissions_policy import parse_policy
from workers.syntax.reporting import ENDPOINTS, GROUPS, endpoint_named, endpoints_defined
from workers.syntax.structured_fields import InvalidStructuredField, parse

ITEMS = (
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Opener-Policy-Report-Only",
    "Cross-Origin-Embedder-Policy",
    "Cross-Origin-Embedder-Policy-Report-Only",
)
PERMISSIONS = ("Permissions-Policy", "Permissions-Policy-Report-Only")
INTEGRITY = ("Integrity-Policy", "Integrity-Policy-Report-Only")
SPECIFICATION = "https://www.w3.org/TR/reporting-1/"

UNDEFINED = Rule(
    id="report-endpoint-undefined",
    severity="info",
    field=ENDPOINTS,
    message="The policy reports to {name}, an endpoint that the response does not define.",
    why="A document's endpoints come with the response itself; a name without an address reaches nobody.",
    fix=f"Give the endpoint's name an https address in {ENDPOINTS}",
    reference=f"{SPECIFICATION}#concept-reporting-endpoints",
)


def run(response: Response) -> Iterator[Finding]:
    named = list(_named(response))
    if not named:
        return
    defined = endpoints_defined(response.combined(ENDPOINTS), response.combined(GROUPS))
    if defined is None:
        return  # what is wrong with the endpoints themselves is told elsewhere
    for field, name in named:
        if name not in defined:
            yield UNDEFINED.found(name, field=field, name=name[:80])


def _named(response: Response) -> Iterator[tuple[str, str]]:
    """The fields that name an endpoint, each with the first that it names."""
    for field in ITEMS:
        if response.values(field):
            name = endpoint_named(response.combined(field) or "")
            if name is not None:
                yield field, name
    for field in PERMISSIONS:
        text = response.combined(field)
        if text is not None and "report-to" in text:
            yield from ((field, name) for name in _of_permissions(text))
    for field in INTEGRITY:
        text = response.combined(field)
        if text is not None and "endpoints" in text and len(text) <= LIMIT:
            yield from ((field, name) for name in _of_integrity(text))


def _of_permissions(text: str) -> list[str]:
    try:
        policy = parse_policy(text)
    except InvalidStructuredField:
        return []
    names = (allowlist.parameters.get("report-to") for allowlist in policy.values())
    return [name for name in names if name is not None][:1]


def _of_integrity(text: str) -> list[str]:
    try:
        dictionary: Any = parse(text, "dictionary")
    except InvalidStructuredField:
        return []
    value, _ = dictionary.get("endpoints", (None, None))
    return [str(name) for name, _ in value][:1] if isinstance(value, list) else []


CHECK = Check(
    id="endpoints-of-policies",
    title="Endpoints that policies report to",
    why="A policy that is being tried out without anybody hearing of it tries nothing out.",
    reference=SPECIFICATION,
    rules=(UNDEFINED,),
    run=run,
    needs=(*ITEMS, *PERMISSIONS, *INTEGRITY),
)
