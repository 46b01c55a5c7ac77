"""What makes the sources of scripts weak, by the id of the rule that each breaks, and policies without it."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from workers.syntax.content_security_policy import Policy

ANY_HOST: Final = frozenset({"*", "http:", "https:"})
# CSP3 section 2.3.1. The value's base64 is bounded by the policy, and nothing follows it: linear.
_NONCE_OR_HASH = re.compile(r"'(?:nonce-|sha(?:256|384|512)-)[A-Za-z0-9+/\-_]++={0,2}'", re.IGNORECASE)
STRICT_DYNAMIC = "'strict-dynamic'"
INLINE_URLS = frozenset({"data:", "blob:", "filesystem:"})
# The directive that decides (before its fallbacks) for script elements, for event handlers, for eval().
ELEMENTS = ("script-src-elem",)
INLINE = ("script-src-elem", "script-src-attr")
EVALUATION = ("script-src",)

Weakness = Callable[[tuple[str, ...]], str | None]


def are_unrestricted(policies: Iterable[Policy]) -> bool:
    return all(policy.governing("script-src-elem") is None for policy in policies)


def weaknesses_of(policies: tuple[Policy, ...]) -> Iterator[tuple[str, str, str]]:
    """Each weakness, once: its id, the directive and the source that has it."""
    for id_, (weakness, kinds) in WEAKNESSES.items():
        for kind in kinds:
            governing = [entry for policy in policies if (entry := policy.governing(kind)) is not None]
            weak = [weakness(sources) for _, sources in governing]
            # all policies are enforced: one that is strict is enough
            if weak and (first := weak[0]) is not None and None not in weak:
                yield id_, governing[0][0], first
                break


def without_weaknesses(policies: tuple[Policy, ...]) -> tuple[Policy, ...]:
    """The policies with what lets injected scripts run taken out, and all other sources as they are."""
    if are_unrestricted(policies):
        first, *others = policies
        policies = (first.replaced("script-src", ["'self'"]), *others)
    # What 'strict-dynamic' set aside counts again when it goes: so until nothing more is found.
    while (weak := next(weaknesses_of(policies), None)) is not None:
        weakness, kinds = WEAKNESSES[weak[0]]
        policies = tuple(_without(policy, weakness, kinds) for policy in policies)
    return policies


def _without(policy: Policy, weakness: Weakness, kinds: tuple[str, ...]) -> Policy:
    """The policy with the sources that make it weak taken out, one by one as the weakness names them."""
    for kind in kinds:
        governing = policy.governing(kind)
        while governing is not None and (source := weakness(governing[1])) is not None:
            kept = [value for value in governing[1] if value.lower() != source.lower()]
            # default-src decides for much else: it stays, and script-src takes scripts out of it
            name = "script-src" if governing[0] == "default-src" else governing[0]
            policy = policy.replaced(name, kept or ["'self'"])
            governing = policy.governing(kind)
    return policy


def _inline(sources: tuple[str, ...]) -> str | None:
    """'unsafe-inline' where it has an effect: a nonce, a hash or 'strict-dynamic' switches it off."""
    if _has_nonce_or_hash(sources) or _find(sources, (STRICT_DYNAMIC,)) is not None:
        return None
    return _find(sources, ("'unsafe-inline'",))


def _evaluation(sources: tuple[str, ...]) -> str | None:
    return _find(sources, ("'unsafe-eval'",))


def _anywhere(sources: tuple[str, ...]) -> str | None:
    return None if _find(sources, (STRICT_DYNAMIC,)) is not None else _find(sources, ANY_HOST)


def _inline_url(sources: tuple[str, ...]) -> str | None:
    return None if _find(sources, (STRICT_DYNAMIC,)) is not None else _find(sources, INLINE_URLS)


def _dynamic_alone(sources: tuple[str, ...]) -> str | None:
    return None if _has_nonce_or_hash(sources) else _find(sources, (STRICT_DYNAMIC,))


def _has_nonce_or_hash(sources: tuple[str, ...]) -> bool:
    return any(source[:1] == "'" and _NONCE_OR_HASH.fullmatch(source) is not None for source in sources)


def _find(sources: tuple[str, ...], wanted: Iterable[str]) -> str | None:
    return next((source for source in sources if source.lower() in wanted), None)


WEAKNESSES: Final[dict[str, tuple[Weakness, tuple[str, ...]]]] = {
    "csp-scripts-unsafe-inline": (_inline, INLINE),
    "csp-scripts-unsafe-eval": (_evaluation, EVALUATION),
    "csp-scripts-from-anywhere": (_anywhere, ELEMENTS),
    "csp-scripts-from-data-urls": (_inline_url, ELEMENTS),
    "csp-strict-dynamic-alone": (_dynamic_alone, ELEMENTS),
}
