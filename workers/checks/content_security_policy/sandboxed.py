"""What a sandbox takes from a page, whatever else its policies allow (CSP Level 3 section 6.3.2).

By WHATWG HTML section 7.1.5 ("sandboxing flag set") each flag is set but where a token lifts it. Policies are
enforced together: what one sandbox forbids no other gives back. In a `<meta>`, and in a policy that is for
reports alone, the directive does nothing; such policies are not to be asked about here.
"""

from collections.abc import Iterable

from workers.syntax.content_security_policy import Policy

DIRECTIVE = "sandbox"


def is_sandboxed(policies: Iterable[Policy]) -> bool:
    """Whether there is a sandbox, and so no plugin runs: no token lifts that flag."""
    return any(DIRECTIVE in policy.directives for policy in policies)


def forbids_scripts(policies: Iterable[Policy]) -> bool:
    """Whether no script runs, neither an element's, nor a handler's, nor that of a javascript: address."""
    return _forbids(policies, "allow-scripts")


def forbids_forms(policies: Iterable[Policy]) -> bool:
    """Whether no form is sent."""
    return _forbids(policies, "allow-forms")


def _forbids(policies: Iterable[Policy], token: str) -> bool:
    boxes = [policy.directives[DIRECTIVE] for policy in policies if DIRECTIVE in policy.directives]
    return any(token not in map(str.lower, tokens) for tokens in boxes)
