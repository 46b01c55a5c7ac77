"""Fields that tell of what lies behind the site (RFC 9110 section 17.12): hosts, debuggers, traces.

One finding a field, as each is removed by itself. `table` says what each of them gives away.
"""

from collections.abc import Iterator
from typing import Final

from workers.check import Check, Rule, removal
from workers.checks.disclosure_internals.table import CACHES, DEBUGGING, HOSTS, PROXIES, TIMING, TRACING
from workers.model import Finding, Severity
from workers.response import Response

HEADERS_PROJECT: Final = (
    "https://owasp.org/www-project-secure-headers/#prevent-information-disclosure-via-http-headers"
)
FIELDS_LIMIT: Final = 50  # fields found: a response that tells more has been told enough


def _rule(rule_id: str, severity: Severity, field: str, why: str, reference: str = HEADERS_PROJECT) -> Rule:
    return Rule(
        id=rule_id,
        severity=severity,
        field=field,
        message="{name} tells strangers of {what}.",
        why=why,
        fix=removal(field),
        reference=reference,
    )


DEBUG = _rule(
    "debug-field-sent",
    "medium",
    "X-Debug-Token",
    "Debuggers and profilers show settings, queries and sessions; where their fields are, they are often "
    "open as well.",
    "https://cheatsheetseries.owasp.org/cheatsheets/Error_Handling_Cheat_Sheet.html",
)
HOST = _rule(
    "backend-host-disclosed",
    "low",
    "X-Backend-Server",
    "It draws the map of what stands behind the site, which an attacker inside or beside it needs.",
)
TRACE = _rule(
    "tracing-disclosed",
    "info",
    "X-B3-TraceId",
    "Traces are for operators; a client that can name one may also join it, or have itself traced.",
)
PROXY = _rule(
    "proxy-internals-disclosed",
    "info",
    "X-Kong-Upstream-Latency",
    "It names the software between the site and its servers, and how it fares.",
)
CACHE = _rule(
    "cache-internals-disclosed",
    "info",
    "X-LiteSpeed-Tag",
    "How a cache sorts and varies its content is what cache poisoning starts from.",
)
DURATION = _rule(
    "processing-time-disclosed",
    "info",
    "X-Runtime",
    "The exact time that the server worked, free of the network's noise, tells whether an account exists or "
    "how much of a secret was right.",
    "https://cwe.mitre.org/data/definitions/208.html",
)

_TABLES: Final = (
    (DEBUG, DEBUGGING),
    (HOST, HOSTS),
    (TRACE, TRACING),
    (PROXY, PROXIES),
    (CACHE, CACHES),
    (DURATION, TIMING),
)
_TOLD: Final = {
    name: (rule, what.removesuffix(" *")) for rule, table in _TABLES for name, what in table.items()
}


def run(response: Response) -> Iterator[Finding]:
    seen: set[str] = set()
    for name, value in response.lasting:
        lower = name.lower()
        told = _TOLD.get(lower)
        if told is None or lower in seen or not value:
            continue
        seen.add(lower)
        rule, what = told
        yield rule.found(value, field=name, fix=removal(name), name=name, what=what)
        if len(seen) == FIELDS_LIMIT:
            return


CHECK = Check(
    id="disclosure-internals",
    title="What the headers tell of the inside",
    why="Hosts, routes, traces and debuggers behind the site help an attacker and no client.",
    reference=HEADERS_PROJECT,
    rules=(DEBUG, HOST, TRACE, PROXY, CACHE, DURATION),
    run=run,
)
