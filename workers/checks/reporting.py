"""Reporting-Endpoints (W3C Reporting API): where browsers send reports, and Report-To before it."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

import http_sf

from workers.check import Check, Rule, removal
from workers.checks import is_trusted
from workers.model import Finding
from workers.response import Response
from workers.syntax.hosts import host_of, is_local
from workers.syntax.parameters import LIMIT
from workers.syntax.reporting import (
    ENDPOINTS,
    GROUPS,
    group_of,
    parse_endpoints,
    parse_json_values,
    printable,
)
from workers.syntax.structured_fields import InvalidStructuredField
from workers.syntax.verbatim import spelt_member

NETWORK_ERRORS = "NEL"
SPECIFICATION = "https://www.w3.org/TR/reporting-1/"
HEADER = f"{SPECIFICATION}#header"
GROUPS_SPECIFICATION = "https://www.w3.org/TR/2018/WD-reporting-1-20180925/#header"
MONTH_S: Final = 2_592_000
_PAIR = re.compile(
    r'(?<![\w.*\-])([A-Za-z*][A-Za-z0-9_\-.*]*+)[ \t]*+=[ \t]*+["\']?((?:https?://|/)[!#-&(-+\-.-:<-\[\]-~]++)'
)

MALFORMED = Rule(
    id="reporting-endpoints-malformed",
    severity="low",
    field=ENDPOINTS,
    message="The value is no structured dictionary, so browsers know no endpoint and send no report.",
    why='Each endpoint is name="https://…", with commas between.',
    fix=removal(ENDPOINTS),
    reference=HEADER,
)
INVALID = Rule(
    id="reporting-endpoint-invalid",
    severity="low",
    field=ENDPOINTS,
    message="What the endpoint {name} is given is no quoted address, so browsers leave it out.",
    why="An address is a string in double quotes; a token that looks like one does not count.",
    fix=removal(ENDPOINTS),
    reference=HEADER,
)
INSECURE = Rule(
    id="reporting-endpoint-insecure",
    severity="low",
    field=ENDPOINTS,
    message="The endpoint {name} is reached over plain http, so browsers leave it out.",
    why="Reports tell of visitors; they are sent to trustworthy origins only.",
    fix=removal(ENDPOINTS),
    reference=HEADER,
)
OVER_HTTP = Rule(
    id="reporting-endpoints-over-http",
    severity="info",
    field=ENDPOINTS,
    message="The header came over plain http, where browsers ignore it.",
    why="Otherwise anyone on the way could have reports of visitors sent to a host of theirs.",
    fix="Send the page over https",
    reference=HEADER,
)
REPLACED = Rule(
    id="report-to-replaced",
    severity="info",
    field=GROUPS,
    message="Report-To was replaced by Reporting-Endpoints; only Network Error Logging still needs it.",
    why="New browsers take a document's endpoints from the new header, which each response brings along.",
    fix=None,
    reference="https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Report-To",
)
GROUPS_MALFORMED = Rule(
    id="report-to-malformed",
    severity="low",
    field=GROUPS,
    message="The value is no list of JSON objects, so browsers ignore it whole.",
    why="Quotes, braces and commas are JSON's; one out of place undoes all groups.",
    fix=removal(GROUPS),
    reference=GROUPS_SPECIFICATION,
)
GROUP_INVALID = Rule(
    id="report-to-group-invalid",
    severity="low",
    field=GROUPS,
    message="The group {name} lacks a max_age, or an endpoint with an https address; browsers leave it out.",
    why="A group needs max_age, a whole number of seconds, and endpoints, a list of objects with a url.",
    fix=removal(GROUPS),
    reference=GROUPS_SPECIFICATION,
)


def run(response: Response) -> Iterator[Finding]:
    endpoints, groups = response.combined(ENDPOINTS), response.combined(GROUPS)
    if endpoints is not None and len(endpoints) <= LIMIT:
        yield from _judge_endpoints(endpoints, response)
    if groups is not None and len(groups) <= LIMIT:
        yield from _judge_groups(groups, response, replaced=endpoints is None)


def _judge_endpoints(text: str, response: Response) -> Iterator[Finding]:
    if not is_trusted(response):
        yield OVER_HTTP.found(text)
    try:
        endpoints = parse_endpoints(text)
    except InvalidStructuredField:
        yield MALFORMED.found(
            text, fix=_endpoints_line({name.lower(): url for name, url in _PAIR.findall(text)})
        )
        return
    # A token can look like an address: it stays one, in quotes.
    fix = _endpoints_line({name: str(value) for name, value in endpoints.items()})
    for rule, wrong in (
        (INVALID, [name for name, value in endpoints.items() if not _is_address(value)]),
        (
            INSECURE,
            [name for name, value in endpoints.items() if _is_address(value) and _is_plain(str(value))],
        ),
    ):
        if wrong:
            yield rule.found(spelt_member(wrong[0], text), name=wrong[0], fix=fix)


def _judge_groups(text: str, response: Response, *, replaced: bool) -> Iterator[Finding]:
    values = parse_json_values(text)
    if values is None or not all(isinstance(value, dict) for value in values):
        yield GROUPS_MALFORMED.found(text)
        return
    mended = [group for value in values if (group := _mended_group(value)) is not None]
    wrong = [value for value in values if _mended_group(value) != value]
    if wrong:
        fix = f"{GROUPS}: {', '.join(map(json.dumps, mended))}" if mended else removal(GROUPS)
        written = json.dumps(wrong[0])
        yield GROUP_INVALID.found(
            written if written in text else text, name=printable(group_of(wrong[0]) or "?")[:80], fix=fix
        )
    elif replaced and not response.values(NETWORK_ERRORS):
        named = {str(group_of(group)): _first_address(group) for group in mended}
        if any(named.values()):  # one that only takes groups back cannot be said in the new header
            yield REPLACED.found(text, fix=_endpoints_line(named))


def _is_address(value: object) -> bool:
    """Whether it is a string that is an address, or one relative to the page (section 3.2)."""
    if not isinstance(value, str) or isinstance(value, http_sf.Token):
        return False
    return (
        bool(value)
        and " " not in value
        and (value.startswith(("/", "http://", "https://")) or ":" not in value)
    )


def _first_address(group: dict[str, Any]) -> str:
    return next((str(endpoint["url"]) for endpoint in group.get("endpoints", ())), "")


def _is_plain(url: str) -> bool:
    return url.lower().startswith("http:") and not is_local(host_of(url.lower()))


def _endpoints_line(endpoints: dict[str, str]) -> str:
    kept = {
        name: f"https{url[4:]}" if _is_plain(url) else url
        for name, url in endpoints.items()
        if _is_address(url) and _PAIR.fullmatch(f"{name}={url}")
    }
    line = ", ".join(f'{name}="{url}"' for name, url in kept.items())
    return f"{ENDPOINTS}: {line}" if line else removal(ENDPOINTS)


def _mended_group(value: object) -> dict[str, Any] | None:
    """The group with all that it needs; itself where nothing is wrong; None where it has no address."""
    if not isinstance(value, dict) or group_of(value) is None:
        return None
    given = value.get("endpoints")
    endpoints = [
        {**endpoint, "url": f"https{url[4:]}"} if _is_plain(url) else endpoint
        for endpoint in (given if isinstance(given, list) else ())
        if isinstance(endpoint, dict) and isinstance(url := endpoint.get("url"), str) and _is_address(url)
    ]
    age = value.get("max_age")
    is_age = isinstance(age, int) and not isinstance(age, bool) and age >= 0
    if age == 0 and is_age:
        return value  # the group is taken back, for which it needs no endpoint
    return {**value, "endpoints": endpoints, "max_age": age if is_age else MONTH_S} if endpoints else None


CHECK = Check(
    id="browser-reporting",
    title="Reporting-Endpoints and Report-To",
    why="Reports of broken policies reach nobody where the endpoints cannot be read.",
    reference=SPECIFICATION,
    rules=(MALFORMED, INVALID, INSECURE, OVER_HTTP, REPLACED, GROUPS_MALFORMED, GROUP_INVALID),
    run=run,
    needs=(ENDPOINTS, GROUPS),
)
