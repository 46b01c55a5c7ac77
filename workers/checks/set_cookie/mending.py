"""The line to send in place of one that breaks rules: the same cookie, with all put right that a line can.

One line mends all findings about a cookie, so that whoever pastes it is done with it.
"""

from collections.abc import Iterable
from typing import Final

from workers.checks.set_cookie import grammar, lifetime, protection, scope
from workers.checks.set_cookie.sent import FIELD, Broken, Parts, Sent, part_of, read_line, without
from workers.checks.set_cookie.storage import BAD_DOMAIN
from workers.syntax.cookies import Refusal

_GRAMMAR: Final = frozenset(rule.id for rule in grammar.RULES)
_LIFETIME: Final = frozenset(rule.id for rule in lifetime.RULES)
_READ_ANEW: Final = _GRAMMAR | _LIFETIME
_NEEDS_SECURE = frozenset({Refusal.NONE_WITHOUT_SECURE, Refusal.SECURE_PREFIX})


def line_of(pair: str, parts: Parts) -> str:
    """The header line of a cookie, with white space between its attributes as the standard has it."""
    texts = (pair, *(part.text for part in parts if part.text))
    return f"{FIELD}: {'; '.join(texts)}"


def mended(sent: Sent, broken: Iterable[Broken]) -> str | None:
    """The whole header line that mends `sent`; None where the cookie's attributes cannot do it.

    `broken` is what `sent` breaks. An attribute that is renamed may bring a lifetime to light; where the
    cookie goes, and what guards it, is seen to in any case: one that is refused is not judged by these.
    """
    if not sent.cookie.name:  # a line names the cookie that it replaces
        return None
    ids = {each.rule.id for each in broken}
    parts = sent.parts
    if not ids.isdisjoint(_GRAMMAR):
        parts = grammar.mend(parts, sent)
    if parts != sent.parts or not ids.isdisjoint(_LIFETIME):
        parts = lifetime.mend(parts, sent)
    parts = scope.mend(parts, sent)
    # Only what is renamed, read anew or refused is another cookie to a browser than it was.
    if isinstance(sent.answer, Refusal) or not ids.isdisjoint(_READ_ANEW):
        taken = _taken(_with(sent, parts))
        if taken is None:
            return None
        sent, parts = taken, taken.parts
    if not sent.is_deleted:
        guarded = protection.mend(parts, sent.cookie, is_https=sent.setting.is_https)
        return None if guarded is None else line_of(sent.pair, guarded)
    return line_of(sent.pair, parts)


def _taken(sent: Sent | None) -> Sent | None:
    """The cookie with all put right that browsers refuse it for; None where its attributes cannot do it."""
    while sent is not None and isinstance(sent.answer, Refusal):
        parts = _accepted(sent, sent.answer)
        sent = None if parts is None else _with(sent, parts)
    return sent


def _accepted(sent: Sent, refusal: Refusal) -> Parts | None:
    """The attributes without the one reason; a browser tells the next one when that is gone."""
    if refusal in BAD_DOMAIN:
        return without(sent.parts, "domain") if sent.setting.has_host else None
    if not sent.setting.is_trusted:
        return None  # what is missing is Secure, or https for it
    if refusal in _NEEDS_SECURE:
        return (*sent.parts, part_of("Secure"))
    if refusal is Refusal.HOST_PREFIX:
        return (*without(sent.parts, "secure", "path", "domain"), part_of("Secure"), part_of("Path=/"))
    return None


def _with(sent: Sent, parts: Parts) -> Sent | None:
    """The line with other attributes, read anew; None where a browser would not read it."""
    if parts == sent.parts:
        return sent
    read = read_line("; ".join((sent.pair, *(part.text for part in parts))), sent.setting)
    return None if isinstance(read, Refusal) else read
