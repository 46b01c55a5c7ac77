"""`GET /v1/checks`: the catalogue, made from the checks themselves, so that it cannot be out of date."""

from functools import cache

import msgspec
from aiohttp import web

from service.api.negotiation import JSON, negotiate
from workers.check import Check, Rule
from workers.registry import all_checks


async def list_checks(request: web.Request) -> web.Response:
    """Every check with its rules, by id."""
    return web.Response(body=_catalogue(), content_type=negotiate(request, (JSON,)))


@cache
def _catalogue() -> bytes:
    return msgspec.json.encode({"checks": [_describe(check) for check in all_checks()]}) + b"\n"


def _describe(check: Check) -> dict[str, object]:
    return {
        "id": check.id,
        "title": check.title,
        "why": check.why,
        "reference": check.reference,
        "rules": [_describe_rule(rule) for rule in check.rules],
    }


def _describe_rule(rule: Rule) -> dict[str, object]:
    """`message` is a template: what is in braces is filled in from the response."""
    return {
        "id": rule.id,
        "severity": rule.severity,
        "field": rule.field,
        "message": rule.message,
        "why": rule.why,
        "fix": rule.fix,
        "reference": rule.reference,
    }
