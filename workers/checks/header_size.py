"""The size of the head (RFC 9110 section 5.4): what is larger than recipients take gets lost on the way.

The limits are those of widespread software in its default settings: nginx takes a head of 4 or 8 KiB from the
server behind it, Apache lines of 8,190 bytes and 100 fields, Tomcat 8 KiB, HAProxy and Node.js 16 KiB.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from workers.check import Check, Rule
from workers.model import Finding
from workers.response import Response
from workers.syntax.head import Field
from workers.syntax.outline import PLAIN_FIELDS, PLAIN_LENGTH

LARGE_BYTES: Final = 8_192
VERY_LARGE_BYTES: Final = 16_384
FIELD_BYTES: Final = 8_190
FIELDS: Final = 100
LINE_OVERHEAD: Final = 4  # ": " and CR LF
PLAIN_BYTES: Final = PLAIN_FIELDS * (len("Last-Modified") + LINE_OVERHEAD) + PLAIN_LENGTH

LARGE = Rule(
    id="head-large",
    severity="low",
    field="head",
    message="The head has {size} bytes; the largest field is {name}, with {share}.",
    why="Proxies that take 8 KiB as a default answer with an error of their own instead.",
    fix="Shorten the largest fields, or send them less often",
    reference="RFC 9110 section 5.4",
)
VERY_LARGE = Rule(
    id="head-very-large",
    severity="medium",
    field="head",
    message="The head has {size} bytes; the largest field is {name}, with {share}.",
    why="Most proxies and some clients refuse more than 16 KiB: the page cannot be reached through them.",
    fix="Shorten the largest fields, or send them less often",
    reference="RFC 9110 section 5.4",
)
FIELD_LARGE = Rule(
    id="field-large",
    severity="low",
    field="Set-Cookie",
    message="One {name} has {share} bytes.",
    why="Servers and proxies with a limit of 8 KiB a line refuse the response, or drop the field.",
    fix="Shorten the value",
    reference="RFC 9110 section 5.4",
)
MANY = Rule(
    id="fields-many",
    severity="low",
    field="head",
    message="The head has {count} fields.",
    why="Recipients with a limit of 100 refuse it.",
    fix="Send fewer fields",
    reference="RFC 9110 section 5.4",
)


def run(response: Response) -> Iterator[Finding]:
    if response.passes_plainly and _is_surely_small(response.lasting):
        return
    sizes = _sizes(response.fields)
    size, share = sum(sizes), max(sizes)
    if size > LARGE_BYTES:
        name = response.fields[sizes.index(share)][0][:80]
        rule = VERY_LARGE if size > VERY_LARGE_BYTES else LARGE
        yield rule.found(size=size, name=name, share=share)
        if share > FIELD_BYTES:
            yield FIELD_LARGE.found(field=name, name=name, share=share)
    if len(sizes) > FIELDS:
        yield MANY.found(count=len(sizes))


def _is_surely_small(lasting: tuple[Field, ...]) -> bool:
    """Whether there is nothing to say whatever the other fields are, since these pass plainly."""
    return len(lasting) <= FIELDS - PLAIN_FIELDS and sum(_sizes(lasting)) <= LARGE_BYTES - PLAIN_BYTES


def _sizes(fields: Sequence[Field]) -> list[int]:
    return [len(name) + len(value) + LINE_OVERHEAD for name, value in fields]


CHECK = Check(
    id="header-size",
    title="The size of the head",
    why="A head that some proxy on the way finds too large makes the page fail for those behind it.",
    reference="RFC 9110 section 5.4",
    rules=(LARGE, VERY_LARGE, FIELD_LARGE, MANY),
    run=run,
)
