"""Findings of slips: each rule once, at the first place that breaks it; the fix mends all places."""

from collections.abc import Iterator

from workers.check import Rule
from workers.checks.content_security_policy.enforced import enforced
from workers.checks.content_security_policy.mended import mended_line
from workers.checks.content_security_policy.slips import slips_in
from workers.model import Finding
from workers.response import Response
from workers.syntax.verbatim import as_sent


def slips_found(response: Response, rules: tuple[Rule, ...]) -> Iterator[Finding]:
    """What breaks one of `rules`, in their order.

    A message is given the `directive` (also as `name`) and the `source`.
    """
    values = enforced(response)
    if not values:
        return
    found = slips_in(values, response.is_https)
    if not found:
        return
    for rule in rules:
        if rule.id in found:
            directive, source = found[rule.id]
            yield rule.found(
                as_sent(source, ", ".join(values)),
                directive=directive,
                name=directive,
                source=source,
                fix=mended_line(response),
            )
