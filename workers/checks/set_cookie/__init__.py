"""Set-Cookie (RFC 6265bis): which cookies browsers drop, and which are less than they should be.

Each concern has its module, with its rules and what mends them; `mending` makes one line of all. Here is
what is judged: the last line that sets a cookie, once.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from workers.check import Check, Rule
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
from workers.checks.set_cookie.sent import FIELD, Broken, Sent, Setting, read_line, setting_of
from workers.checks.set_cookie.together import HEADER_LIMIT, LIMIT, SET_TWICE
from workers.model import Finding
from workers.response import Response
from workers.syntax.cookie_store import Stored
from workers.syntax.cookies import PAIR_LIMIT, Refusal, parse_pair

ATTRIBUTES: Final = 24  # attributes judged of a line: there are nine

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


@dataclass(frozen=True, slots=True)
class _Line:
    """One field value; `read` is the cookie, or the rule that it breaks as a whole."""

    text: str
    name: str
    read: Sent | Rule

    @property
    def identity(self) -> object:
        """What lines have in common that are about one cookie: a line that sets none is alone."""
        if isinstance(self.read, Sent) and isinstance(self.read.answer, Stored):
            return self.read.answer.identity
        return self.name, self.text


def run(response: Response) -> Iterator[Finding]:
    values = response.values(FIELD)
    if not values:
        return
    setting = setting_of(response)
    lines = [_read(text, setting) for text in values[:LIMIT]]
    last = {line.identity: line for line in lines}
    names: dict[str, set[object]] = {}
    for identity, line in last.items():
        names.setdefault(line.name, set()).add(identity)
    for line in lines:
        counts = last[line.identity]
        # Where lines set several cookies of a name, none of them can be told by it to be pasted over.
        is_alone = len(names[line.name]) == 1
        if line is counts:
            yield from _judge(line, is_alone=is_alone)
        elif line.text != counts.text and not (isinstance(line.read, Sent) and line.read.is_deleted):
            fix = _line_for(counts) if is_alone else None
            yield SET_TWICE.found(line.text, fix=fix, name=line.name)
    yield from together.find(len(values), list(_kept(last.values())))


def _read(text: str, setting: Setting) -> _Line:
    name, value = parse_pair(text.partition(";")[0])
    if len(text) > HEADER_LIMIT or text.count(";") > ATTRIBUTES:
        return _Line(text, name, storage.TOO_LARGE if len(name) + len(value) > PAIR_LIMIT else OVERLONG)
    read = read_line(text, setting)
    return _Line(text, name, _REFUSED[read] if isinstance(read, Refusal) else read)


def _judge(line: _Line, *, is_alone: bool) -> Iterator[Finding]:
    sent = line.read
    if isinstance(sent, Rule):
        name = line.name or "without a name"
        yield sent.found(line.text, name=name, length=len(line.text), count=line.text.count(";"))
        return
    broken = list(_broken(sent))
    fix = mending.mended(sent) if is_alone and any(each.by_line for each in broken) else None
    for each in broken:
        yield each.found(fix)


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
    is_session = protection.looks_like_session(sent.cookie.name)
    yield from protection.find(sent, is_session=is_session)
    yield from scope.find(sent, is_session=is_session)
    yield from pair.find(sent)
    yield from contents.find(sent)


def _line_for(line: _Line) -> str | None:
    """The line that is to stand for all that set the cookie."""
    if isinstance(line.read, Rule) or not line.read.cookie.name:
        return None
    is_broken = any(each.by_line for each in _broken(line.read))
    return mending.mended(line.read) if is_broken else mending.line_of(line.read)


def _kept(lines: Iterable[_Line]) -> Iterator[Stored]:
    for line in lines:
        if isinstance(line.read, Sent) and isinstance(line.read.answer, Stored) and not line.read.is_deleted:
            yield line.read.answer


CHECK = Check(
    id="set-cookie",
    title="Set-Cookie",
    why="Cookies know a visitor again: who gets hold of one may act as the visitor.",
    reference="RFC 6265bis",
    rules=(
        OVERLONG,
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
)
