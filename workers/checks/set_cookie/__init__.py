"""Set-Cookie (RFC 6265bis): which cookies browsers drop, and which are less than they should be.

Each concern has its module, with its rules and what mends them; `mending` makes one line of all. A cookie
counts whatever the status of the response that sets it (section 5.7): `on_the_way` has those of redirects.
"""

from collections.abc import Iterator

from workers.check import Check
from workers.checks import was_sent_on_the_way
from workers.checks.set_cookie import (
    contents,
    grammar,
    lifetime,
    lines,
    on_the_way,
    pair,
    protection,
    scope,
    storage,
    together,
)
from workers.checks.set_cookie.sent import FIELD, Setting
from workers.model import Finding
from workers.response import Response


def run(response: Response) -> Iterator[Finding]:
    values = response.values(FIELD)
    last = lines.read_lines(values, Setting(response))
    count = 0
    for finding in lines.judge(last, len(values)):
        count += 1
        yield finding
    if was_sent_on_the_way(response, on_the_way.KEY) and count < lines.FINDINGS:
        yield from on_the_way.find(response, last, limit=lines.FINDINGS - count)


CHECK = Check(
    id="set-cookie",
    title="Set-Cookie",
    why="Cookies know a visitor again: who gets hold of one may act as the visitor.",
    reference="RFC 6265bis",
    rules=(
        lines.OVERLONG,
        *storage.RULES,
        *grammar.RULES,
        *lifetime.RULES,
        *protection.RULES,
        *scope.RULES,
        *pair.RULES,
        *contents.RULES,
        *together.RULES,
    ),
    run=run,
    needs=(FIELD,),
)
