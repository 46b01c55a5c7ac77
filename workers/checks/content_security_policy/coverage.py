"""What policies leave open besides scripts: objects, <base>, forms and framing.

All policies are enforced together, so one that restricts is enough.
"""

from workers.checks.content_security_policy.sources import SourceList, read_list
from workers.syntax.content_security_policy import Policy

# Directives that fall back to nothing, and where a list that any host is on restricts nothing.
NAVIGATION = ("base-uri", "form-action", "frame-ancestors")


def has(policies: tuple[Policy, ...], directive: str) -> bool:
    return any(directive in policy.directives for policy in policies)


def leave_objects(policies: tuple[Policy, ...]) -> bool:
    """Whether objects may come from anywhere, or be written into the address itself."""
    for policy in policies:
        governing = policy.governing("object-src")
        if governing is not None:
            sources = read_list(governing[1])
            if sources.any_host is None and sources.inline_url is None:
                return False
    return True


def need_base_uri(policies: tuple[Policy, ...]) -> bool:
    """Whether scripts are let run by nonce or 'strict-dynamic', whatever address a <base> gives them."""
    if has(policies, "base-uri"):
        return False
    return any(map(_trusts_by_mark, _lists(policies, "script-src")))


def unrestricted(policies: tuple[Policy, ...], directive: str) -> str | None:
    """The source by which every policy that has the directive allows any host; None where one does not."""
    lists = _lists(policies, directive)
    open_to = [sources.any_host for sources in lists]
    return open_to[0] if open_to and None not in open_to else None


def without_any_host(policy: Policy, directive: str) -> Policy:
    values = policy.directives.get(directive)
    if values is None:
        return policy
    kept = [source.text for source in read_list(values).sources if not source.is_any_host]
    return policy if len(kept) == len(values) else policy.replaced(directive, kept or ["'self'"])


def _trusts_by_mark(sources: SourceList) -> bool:
    return sources.is_dynamic or any(source.kind == "nonce" for source in sources.sources)


def _lists(policies: tuple[Policy, ...], directive: str) -> list[SourceList]:
    governing = (policy.governing(directive) for policy in policies)
    return [read_list(entry[1]) for entry in governing if entry is not None]
