"""What policies leave open besides scripts: objects, <base>, forms and framing.

All policies are enforced together, so one that restricts is enough, and what a sandbox forbids is not open.
"""

from workers.checks.content_security_policy.sandboxed import forbids_forms, forbids_scripts, is_sandboxed
from workers.checks.content_security_policy.sources import Source, SourceList, read_list, read_source
from workers.syntax.content_security_policy import Policy

# Directives that fall back to nothing, and where a list that any host is on restricts nothing.
NAVIGATION = ("base-uri", "form-action", "frame-ancestors")


def has(policies: tuple[Policy, ...], directive: str) -> bool:
    return any(directive in policy.directives for policy in policies)


def leave_objects(policies: tuple[Policy, ...]) -> bool:
    """Whether objects may come from anywhere, or be written into the address itself."""
    if is_sandboxed(policies):
        return False
    for policy in policies:
        governing = policy.governing("object-src")
        if governing is not None:
            sources = map(read_source, governing[1])
            if not any(source.stands_out and _lets_all_in(source) for source in sources):
                return False
    return True


def need_base_uri(policies: tuple[Policy, ...]) -> bool:
    """Whether scripts are let run by nonce or 'strict-dynamic', whatever address a <base> gives them."""
    if has(policies, "base-uri") or forbids_scripts(policies):
        return False
    governing = [policy.governing("script-src") for policy in policies]
    return any(_trusts_by_mark(read_list(entry[1])) for entry in governing if entry is not None)


def leave_forms(policies: tuple[Policy, ...]) -> bool:
    """Whether forms are sent, and no policy says where to."""
    return not (has(policies, "form-action") or forbids_forms(policies))


def unrestricted(policies: tuple[Policy, ...], directive: str) -> str | None:
    """The source by which every policy that has the directive allows any host; None where one does not."""
    if directive == "form-action" and forbids_forms(policies):
        return None
    lists = [policy.directives[directive] for policy in policies if directive in policy.directives]
    open_to = [_any_host(values) for values in lists]
    return open_to[0] if open_to and None not in open_to else None


def without_any_host(policy: Policy, directive: str) -> Policy:
    values = policy.directives.get(directive)
    if values is None:
        return policy
    kept = [value for value in values if not read_source(value).is_any_host]
    return policy if len(kept) == len(values) else policy.replaced(directive, kept or ["'self'"])


def _trusts_by_mark(sources: SourceList) -> bool:
    if sources.is_dynamic or not sources.has_nonce_or_hash:
        return sources.is_dynamic
    return any(source.kind == "nonce" for source in sources.sources)


def _any_host(values: tuple[str, ...]) -> str | None:
    for value in values:
        source = read_source(value)
        if source.stands_out and source.is_any_host:
            return value
    return None


def _lets_all_in(source: Source) -> bool:
    return source.is_any_host or source.is_inline_url
