"""`masthead checks`: the catalogue, read off the checks themselves. It needs no settings."""

import difflib
import re
import textwrap
from collections.abc import Iterator
from typing import Final

import click

from service.commands.command import Command, say
from service.errors import UsageError
from workers.check import Check, Rule
from workers.registry import all_checks

WIDTH: Final = 100

_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")  # a fact of the response, in the template of a message


@click.command(cls=Command)
@click.argument("name", required=False, metavar="[ID]")
def command(name: str | None) -> None:
    """List every check with its rules, or explain one check or rule: what it looks for, why it matters, how
    to fix it, and the reference.

    Findings carry a rule's id; --checks takes ids of checks.
    """
    lines = _catalogue() if name is None else _explain(name)
    say("\n".join(lines))


def _catalogue() -> Iterator[str]:
    for number, check in enumerate(all_checks()):
        if number:
            yield ""
        yield f"{check.id}  {check.title}"
        for rule in check.rules:
            yield f"  {rule.severity:<6}  {rule.id}"


def _explain(name: str) -> Iterator[str]:
    checks = {check.id: check for check in all_checks()}
    rules = {rule.id: (rule, check) for check in all_checks() for rule in check.rules}
    if name in checks:
        return _explain_check(checks[name])
    if name in rules:
        return _explain_rule(*rules[name])
    near = difflib.get_close_matches(name, [*checks, *rules], n=3)
    hint = f"; did you mean {' or '.join(near)}?" if near else "; `masthead checks` lists them"
    raise UsageError(f"there is no check or rule {name!r}{hint}")


def _explain_check(check: Check) -> Iterator[str]:
    yield f"{check.id}: {check.title}"
    yield from _paragraph("why", check.why)
    yield from _paragraph("see", check.reference)
    for rule in check.rules:
        yield ""
        yield from _explain_rule(rule, None)


def _explain_rule(rule: Rule, check: Check | None) -> Iterator[str]:
    yield f"{rule.id}: {rule.severity}, in {rule.field}"
    yield from _paragraph("finds", _PLACEHOLDER.sub(r"<\1>", rule.message))
    yield from _paragraph("why", rule.why)
    yield from _paragraph("fix", rule.fix or "nothing need be done")
    yield from _paragraph("see", rule.reference)
    if check is not None:
        yield from _paragraph("check", f"{check.id}: {check.title}")


def _paragraph(label: str, text: str) -> list[str]:
    begin = f"  {label:<6}"
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=begin,
        subsequent_indent=" " * len(begin),
        break_long_words=False,
        break_on_hyphens=False,
    )
