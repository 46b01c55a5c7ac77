"""The Set-Cookie lines of one response: which are read, and what is found in them.

Judged is the last line that sets a cookie, once: it is the one that counts.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from msgspec import Struct

from workers.check import Rule
from workers.checks.set_cookie import (
    contents,
    grammar,
    lifetime,
    mending,
    pair,
    protection,
    scope,
    storage,
    together,
)
from workers.checks.set_cookie.sent import FIELD, Broken, Sent, Setting, read_line
from workers.checks.set_cookie.together import HEADER_LIMIT, LIMIT, SET_TWICE
from workers.model import Finding
from workers.syntax.cookie_store import Stored
from workers.syntax.cookies import PAIR_LIMIT, Refusal, parse_pair

ATTRIBUTES: Final = 16  # attributes judged of a line: there are nine
# Attributes, and octets of them, judged of a response: fifty cookies with five of thirty octets each.
BUDGET: Final = 250
BUDGET_OCTETS: Final = 8_192
FINDINGS: Final = 60  # told of a response before the rest of its cookies is passed over: nobody reads more

OVERLONG = Rule(
    id="cookie-line-too-long",
    severity="low",
    field=FIELD,
    message="The line of the cookie {name} is overgrown: {length:,} octets, {count:,} attributes.",
    why="Proxies and clients with limits drop the response or the cookie; it looks like a value let loose.",
    fix="Encode semicolons in the value, and send the attributes that there are",
    reference="RFC 6265bis section 6.1",
)
_REFUSED: Final = {
    Refusal.EMPTY: storage.EMPTY,
    Refusal.CONTROL_CHARACTER: storage.CONTROL,
    Refusal.TOO_LARGE: storage.TOO_LARGE,
}


class Line(Struct, frozen=True):
    """One field value; `read` is the cookie, or the rule that it breaks as a whole.

    Lines about one cookie have one `identity`; a line that sets none has its own.
    """

    text: str
    name: str
    read: Sent | Rule
    identity: object


def read_lines(values: Iterable[str], setting: Setting) -> list[Line]:
    return [_read(text, setting) for text in _judged(values)]


def judge(
    lines: Sequence[Line], count: int, *, limit: int = FINDINGS, gives_lines: bool = True
) -> Iterator[Finding]:
    """What is found in the lines, which were `count` before those past the limits were left out.

    Without `gives_lines`, no finding has a line to paste: one on the way is not where the line would go.
    """
    last = {line.identity: line for line in lines}
    names: dict[str, set[object]] = {}
    for identity, line in last.items():
        names.setdefault(line.name, set()).add(identity)
    told: set[object] = set()
    found = 0
    for line in lines:
        if found >= limit:
            break
        counts = last[line.identity]
        # Where lines set several cookies of a name, none of them can be told by it to be pasted over.
        is_alone = gives_lines and len(names[line.name]) == 1
        if line is counts:
            findings = _judge(line, is_alone=is_alone)
            found += len(findings)
            yield from findings
        elif line.identity not in told and _disagrees(line, counts):
            told.add(line.identity)
            fix = _line_for(counts) if is_alone else None
            yield SET_TWICE.found(line.text, fix=fix, name=line.name)
    yield from together.find(count, list(_kept(last.values())))


def _judged(values: Iterable[str]) -> Iterator[str]:
    """The lines that are judged: the first ones, as long as they stay within the limits."""
    attributes = octets = 0
    for text in islice(values, LIMIT):
        attributes += min(text.count(";"), ATTRIBUTES)
        if len(text) <= HEADER_LIMIT:  # a longer one is not read
            octets += len(text) - text.find(";") - 1 if ";" in text else 0
        # One line is judged whatever it holds, or a long one would hide all others.
        yield text
        if attributes > BUDGET or octets > BUDGET_OCTETS:
            return


def _read(text: str, setting: Setting) -> Line:
    is_overlong = len(text) > HEADER_LIMIT or text.count(";") > ATTRIBUTES
    read = None if is_overlong else read_line(text, setting)
    if isinstance(read, Sent):
        answer = read.answer
        identity = _identity(answer) if isinstance(answer, Stored) else (text,)
        return Line(text, read.cookie.name, read, identity)
    name, value = parse_pair(text.partition(";")[0])
    if read is not None:
        return Line(text, name, _REFUSED[read], (text,))
    is_large = len(name) + len(value) > PAIR_LIMIT
    return Line(text, name, storage.TOO_LARGE if is_large else OVERLONG, (text,))


def _identity(stored: Stored) -> object:
    """`Stored.identity`, but that all cookies which are the host's alone have one domain: none."""
    return stored.name, "" if stored.host_only else stored.domain, stored.path


def _disagrees(line: Line, counts: Line) -> bool:
    """Whether the line says other than the one that counts; one that only clears the way does not."""
    return line.text != counts.text and not (isinstance(line.read, Sent) and line.read.is_deleted)


def _judge(line: Line, *, is_alone: bool) -> list[Finding]:
    sent = line.read
    if isinstance(sent, Rule):
        name = line.name or "without a name"
        return [sent.found(line.text, name=name, length=len(line.text), count=line.text.count(";"))]
    broken = list(_broken(sent))
    fix = mending.mended(sent, broken) if is_alone and any(each.by_line for each in broken) else None
    return [each.found(fix) for each in broken]


def _broken(sent: Sent) -> Iterator[Broken]:
    folded = list(pair.find_folded(sent))
    if folded:  # whatever else is odd about such a line comes of its being several
        yield from folded
        return
    yield from storage.find(sent)
    yield from grammar.find(sent)
    yield from lifetime.find(sent)
    if isinstance(sent.answer, Refusal) or sent.is_deleted:
        return  # a cookie that is not kept needs no protection
    yield from protection.find(sent)
    yield from scope.find(sent)
    yield from pair.find(sent)
    yield from contents.find(sent)


def _line_for(line: Line) -> str | None:
    """The line that is to stand for all that set the cookie."""
    if isinstance(line.read, Rule) or not line.read.cookie.name:
        return None
    broken = list(_broken(line.read))
    if any(each.by_line for each in broken):
        return mending.mended(line.read, broken)
    return mending.line_of(line.read.pair, line.read.parts)


def _kept(lines: Iterable[Line]) -> Iterator[Stored]:
    for line in lines:
        if isinstance(line.read, Sent) and isinstance(line.read.answer, Stored) and not line.read.is_deleted:
            yield line.read.answer
