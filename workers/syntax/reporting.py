"""Where a page's reports go (W3C Reporting API, Network Error Logging): endpoints, and groups in JSON."""

import json
from typing import Any

import http_sf

from workers.syntax.parameters import LIMIT
from workers.syntax.structured_fields import InvalidStructuredField, parse

ENDPOINTS = "Reporting-Endpoints"
GROUPS = "Report-To"


def parse_endpoints(text: str) -> dict[str, object]:
    """The members of Reporting-Endpoints, of which only strings are addresses.

    Raises InvalidStructuredField.
    """
    dictionary: Any = parse(text, "dictionary")
    return {name: value for name, (value, _) in dictionary.items()}


def parse_json_values(text: str) -> list[object] | None:
    """The JSON values that a header lists (Reporting API of 2018, section 3.1); None where it is no JSON."""
    try:
        values: list[object] = json.loads(f"[{text}]", parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return values


def group_of(value: object) -> str | None:
    """The name of a Report-To group, which is default where none is given; None for what is no group."""
    if not isinstance(value, dict):
        return None
    name = value.get("group", "default")
    return name if isinstance(name, str) else None


def printable(name: str) -> str:
    """A name out of JSON, which can hold what no text may: a lone surrogate is told by its escape."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def endpoints_defined(endpoints: str | None, groups: str | None) -> frozenset[str] | None:
    """The names that both headers define for policies to report to; None where they cannot be told."""
    endpoints, groups = endpoints or "", groups or ""
    if len(endpoints) > LIMIT or len(groups) > LIMIT:
        return None
    try:
        names = set(parse_endpoints(endpoints))
    except InvalidStructuredField:
        return None
    values = parse_json_values(groups)
    if values is None:
        return None
    names.update(name for value in values if (name := group_of(value)) is not None)
    return frozenset(names)


def endpoint_named(text: str) -> str | None:
    """What report-to says in an item such as an opener policy; None where it says nothing."""
    if "report-to" not in text or len(text) > LIMIT:
        return None
    try:
        item: Any = parse(text, "item")
    except InvalidStructuredField:
        return None
    name = item[1].get("report-to")
    return name if isinstance(name, str) and not isinstance(name, http_sf.Token) else None


def _refuse(constant: str) -> None:
    raise ValueError(f"expected JSON, got {constant}")  # which Python would take
