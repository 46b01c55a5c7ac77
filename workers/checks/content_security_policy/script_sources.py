"""What makes the sources of scripts weak, by the id of the rule that each breaks, and policies without it.

All policies are enforced together: a weakness counts where every policy that governs has it, and none where a
sandbox lets no script run.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final

from msgspec import Struct

from workers.checks.content_security_policy.bypasses import endpoints_of, is_for_anybody
from workers.checks.content_security_policy.sandboxed import forbids_scripts
from workers.checks.content_security_policy.sources import Source, SourceList, read_list
from workers.syntax.content_security_policy import Policy, parse_policies

# The directive that decides (before its fallbacks) for script elements, for event handlers, for eval().
ELEMENTS: Final = "script-src-elem"
ATTRIBUTES: Final = "script-src-attr"
EVALUATION: Final = "script-src"

Governing = list[tuple[str, SourceList]]


class Weakness(Struct, frozen=True):
    """`offenders` are the sources of one list that have it: none where the list is strict.

    `in_all` is the offender of all lists together, where it takes more than that each of them has one.
    """

    kinds: tuple[str, ...]
    offenders: Callable[[SourceList], Iterable[str]]
    in_all: Callable[[Sequence[SourceList]], str | None] | None = None

    def of(self, governing: "Governing") -> str | None:
        """The offender of the first list, if all lists have one."""
        found = None
        for _, sources in reversed(governing):
            found = next(iter(self.offenders(sources)), None)
            if found is None:
                return None
        if found is None or self.in_all is None:
            return found
        return self.in_all([sources for _, sources in governing])


def are_unrestricted(policies: Iterable[Policy], kind: str = ELEMENTS) -> bool:
    """Whether no policy has a directive, be it a fallback, that decides for `kind`."""
    return all(policy.governing(kind) is None for policy in policies)


def nothing_runs(policies: Collection[Policy]) -> bool:
    """Whether there is no script that could run: a sandbox forbids them, or the lists have no place for one.

    Script elements may be kept out by one policy, and event handlers by another (section 6.8.3).
    """
    elements = (_let_elements_in(sources) for _, sources in governing_lists(policies, ELEMENTS))
    handlers = (_let_handlers_in(sources) for _, sources in governing_lists(policies, ATTRIBUTES))
    return forbids_scripts(policies) or not (all(elements) or all(handlers))


def governing_lists(policies: Iterable[Policy], kind: str) -> Governing:
    """What decides for `kind` in each policy that restricts it: the directive's name, and its sources."""
    found = []
    for policy in policies:
        entry = policy.governing(kind)
        if entry is not None:
            found.append((entry[0], read_list(entry[1])))
    return found


@lru_cache(maxsize=64)  # the checks of scripts and of hosts ask for those of the same header
def weaknesses_in(values: tuple[str, ...]) -> tuple[tuple[str, str, str], ...]:
    """The weaknesses of a header's policies together."""
    return tuple(weaknesses_of(parse_policies(values)))


def weaknesses_of(policies: tuple[Policy, ...]) -> Iterator[tuple[str, str, str]]:
    """Each weakness, once: its id, the directive and the source that has it."""
    if forbids_scripts(policies):
        return
    by_kind = {kind: governing_lists(policies, kind) for kind in (ELEMENTS, ATTRIBUTES, EVALUATION)}
    for id_, weakness in WEAKNESSES.items():
        for kind in weakness.kinds:
            governing = by_kind[kind]
            source = weakness.of(governing)
            if source is not None:
                yield id_, governing[0][0], source
                break


def without_weaknesses(policies: tuple[Policy, ...]) -> tuple[Policy, ...]:
    """The policies with what lets injected scripts run taken out, and all other sources as they are."""
    if forbids_scripts(policies):
        return policies
    if are_unrestricted(policies):
        first, *others = policies
        policies = (first.replaced("script-src", ["'self'"]), *others)
    elif are_unrestricted(policies, ATTRIBUTES):
        first, *others = policies
        policies = (first.replaced(ATTRIBUTES, ["'none'"]), *others)
    while weak := {id_ for id_, _, _ in weaknesses_of(policies)}:
        policies = tuple([_without(policy, weak) for policy in policies])
        if DYNAMIC_ALONE not in weak:
            break  # only what 'strict-dynamic' set aside counts again when that goes
    return policies


def _without(policy: Policy, weak: Iterable[str]) -> Policy:
    """The policy with the sources that make it weak taken out, for one weakness after the other."""
    for weakness in [weakness for id_, weakness in WEAKNESSES.items() if id_ in weak]:
        for kind in weakness.kinds:
            governing = policy.governing(kind)
            if governing is None:
                continue
            offenders = {source.lower() for source in weakness.offenders(read_list(governing[1]))}
            if not offenders:
                continue
            kept = [value for value in governing[1] if value.lower() not in offenders]
            # default-src decides for much else: it stays, and script-src takes scripts out of it
            name = "script-src" if governing[0] == "default-src" else governing[0]
            policy = policy.replaced(name, kept or ["'self'"])
    return policy


def _let_elements_in(sources: SourceList) -> bool:
    """Whether an element with a script could match; a javascript: address counts as one (section 6.8.2)."""
    if sources.has_nonce_or_hash or sources.is_dynamic:
        return sources.has_nonce_or_hash
    return any(
        source.kind in ("host", "scheme") or source.lower in ("'self'", "'unsafe-inline'")
        for source in sources.sources
    )


def _let_handlers_in(sources: SourceList) -> bool:
    """Whether an event handler could run: no host counts for it, and a hash by 'unsafe-hashes' alone."""
    if "'unsafe-hashes'" in sources.by_lower:
        return sources.has_nonce_or_hash or bool(_inline(sources))
    return bool(_inline(sources))


def _inline(sources: SourceList) -> Iterable[str]:
    """'unsafe-inline' where it has an effect: a nonce, a hash or 'strict-dynamic' switches it off."""
    if sources.has_nonce_or_hash or sources.is_dynamic:
        return ()
    return sources.spelt("'unsafe-inline'")


def _evaluation(sources: SourceList) -> Iterable[str]:
    return sources.spelt("'unsafe-eval'")


def _unsafe_hashes(sources: SourceList) -> Iterable[str]:
    return sources.spelt("'unsafe-hashes'")


def _anywhere(sources: SourceList) -> Iterable[str]:
    if sources.is_dynamic or sources.any_host is None:
        return ()
    return (source.text for source in sources.sources if source.is_any_host)


def _data_url(sources: SourceList) -> Iterable[str]:
    return (source.text for source in _inline_urls(sources) if source.scheme == "data")


def _made_url(sources: SourceList) -> Iterable[str]:
    return (source.text for source in _inline_urls(sources) if source.scheme != "data")


def _inline_urls(sources: SourceList) -> Iterable[Source]:
    if sources.is_dynamic or sources.inline_url is None:
        return ()
    return (source for source in sources.sources if source.is_inline_url)


def _dynamic_alone(sources: SourceList) -> Iterable[str]:
    return () if sources.has_nonce_or_hash else sources.spelt("'strict-dynamic'")


def _for_anybody(sources: SourceList) -> Iterable[str]:
    if sources.is_dynamic:
        return ()
    return (host.text for host in sources.hosts if is_for_anybody(host))


def _bypass(sources: SourceList) -> Iterator[str]:
    """Hosts that serve anybody's code; where any host will do, only what other policies name counts."""
    if sources.is_dynamic:
        return
    can_evaluate = "'unsafe-eval'" in sources.by_lower
    for host in sources.hosts:
        if endpoints_of(host, can_evaluate):
            yield host.text
    yield from _anywhere(sources)


def _bypass_in_all(lists: Sequence[SourceList]) -> str | None:
    """The source that reaches, in the first list that names hosts, an endpoint that all lists let in."""
    naming = [sources for sources in lists if sources.any_host is None] or lists[:1]
    reached = [
        [(host.text, endpoints_of(host, "'unsafe-eval'" in sources.by_lower)) for host in sources.hosts]
        for sources in naming
    ]
    common = set.intersection(*({one for _, known in hosts for one in known} for hosts in reached))
    return next((host for host, known in reached[0] if not common.isdisjoint(known)), None)


DYNAMIC_ALONE: Final = "csp-strict-dynamic-alone"
BYPASS: Final = "csp-scripts-bypass-host"
FOR_ANYBODY: Final = "csp-scripts-from-shared-hosting"
WEAKNESSES: Final[dict[str, Weakness]] = {
    "csp-scripts-unsafe-inline": Weakness((ELEMENTS, ATTRIBUTES), _inline),
    "csp-scripts-unsafe-eval": Weakness((EVALUATION,), _evaluation),
    "csp-scripts-unsafe-hashes": Weakness((ATTRIBUTES,), _unsafe_hashes),
    "csp-scripts-from-anywhere": Weakness((ELEMENTS,), _anywhere),
    "csp-scripts-from-data-urls": Weakness((ELEMENTS,), _data_url),
    "csp-scripts-from-blob-urls": Weakness((ELEMENTS,), _made_url),
    DYNAMIC_ALONE: Weakness((ELEMENTS,), _dynamic_alone),
    FOR_ANYBODY: Weakness((ELEMENTS,), _for_anybody),
    BYPASS: Weakness((ELEMENTS,), _bypass, _bypass_in_all),
}
