"""The line to send in place of one that breaks rules: the same cookie, with all put right that a line can.

One line mends all findings about a cookie, so that whoever pastes it is done with it.
"""

from collections.abc import Callable
from typing import Final

from workers.checks.set_cookie import grammar, lifetime, protection, scope
from workers.checks.set_cookie.sent import FIELD, Parts, Sent, read_line, without
from workers.syntax.cookies import Refusal

# In this order: what an attribute was meant to be, how long the cookie lasts, where it goes.
_MENDS: Final[tuple[Callable[..., Parts], ...]] = (grammar.mend, lifetime.mend, scope.mend)
_NEEDS_SECURE = frozenset({Refusal.NONE_WITHOUT_SECURE, Refusal.SECURE_PREFIX})
_BAD_DOMAIN = frozenset({Refusal.DOMAIN_NOT_ASCII, Refusal.FOREIGN_DOMAIN, Refusal.PUBLIC_SUFFIX})


def line_of(sent: Sent) -> str:
    """The line as it was sent, but for white space between its attributes."""
    return f"{FIELD}: {'; '.join((sent.pair, *filter(None, sent.parts)))}"


def mended(sent: Sent) -> str | None:
    """The whole header line that mends `sent`; None where the cookie's attributes cannot do it."""
    if not sent.cookie.name:  # a line names the cookie that it replaces
        return None
    current: Sent | None = sent
    for mend in _MENDS:
        current = _with(current, mend(current.parts, current.cookie, current)) if current else None
    while current is not None and isinstance(current.answer, Refusal):
        current = _with(current, _accepted(current, current.answer))
    if current is None or current.is_deleted:
        return line_of(current) if current else None
    parts = protection.mend(
        current.parts,
        current.cookie,
        is_session=protection.looks_like_session(current.cookie.name),
        is_https=current.setting.is_https,
    )
    current = _with(current, parts)
    return line_of(current) if current else None


def _accepted(sent: Sent, refusal: Refusal) -> Parts | None:
    """The attributes without the one reason; a browser tells the next one when that is gone."""
    if refusal in _BAD_DOMAIN:
        return without(sent.parts, "domain") if sent.setting.request.host else None
    if not sent.setting.request.is_secure:
        return None  # what is missing is Secure, or https for it
    if refusal in _NEEDS_SECURE:
        return (*sent.parts, "Secure")
    if refusal is Refusal.HOST_PREFIX:
        return (*without(sent.parts, "secure", "path", "domain"), "Secure", "Path=/")
    return None


def _with(sent: Sent, parts: Parts | None) -> Sent | None:
    """The line with other attributes, read anew; None where there are none to be had."""
    if parts is None or parts == sent.parts:
        return sent if parts is not None else None
    read = read_line("; ".join((sent.pair, *parts)), sent.setting)
    return None if isinstance(read, Refusal) else read
