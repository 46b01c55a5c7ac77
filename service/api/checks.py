"""`GET /v1/checks`: the catalogue, made from the checks themselves, so that it cannot be out of date."""

from functools import cache

import msgspec
from aiohttp import web

from service.api import answers, negotiation
from service.api.negotiation import JSON, negotiate
from service.api.operation import Answer, Media, operation, ref
from workers.check import Check, Rule
from workers.registry import all_checks


@operation(
    "GET",
    "/v1/checks",
    id="list_checks",
    tag="checks",
    summary="The catalogue of checks",
    answers=[Answer(200, "The catalogue", [Media(JSON, ref("Checks"), {"checks": []})])],
    refusals=negotiation.REFUSALS,
)
async def list_checks(request: web.Request) -> web.Response:
    """Every check with its rules, by id."""
    return web.Response(body=_catalogue(), content_type=negotiate(request, (JSON,)))


@cache
def _catalogue() -> bytes:
    catalogue = answers.Checks([_describe(check) for check in all_checks()])
    return msgspec.json.encode(catalogue) + b"\n"


def _describe(check: Check) -> answers.Check:
    rules = [_describe_rule(rule) for rule in check.rules]
    return answers.Check(check.id, check.title, check.why, check.reference, rules)


def _describe_rule(rule: Rule) -> answers.Rule:
    return answers.Rule(rule.id, rule.severity, rule.field, rule.message, rule.why, rule.fix, rule.reference)
