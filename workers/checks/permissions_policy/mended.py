"""The one Permissions-Policy line that mends all that is found in a policy."""

from workers.checks.permissions_policy.features import OBSOLETE, POWERFUL, is_known
from workers.syntax.permissions_policy import Allowlist, format_policy, salvage_policy

RECOMMENDED = "camera=(), geolocation=(), microphone=()"


def mended_policy(policy: dict[str, Allowlist]) -> str:
    """The value without a fault: what browsers know stays, what was misspelt is read as it was meant, and a
    powerful feature that was for everybody is left to the page itself."""
    mended: dict[str, Allowlist] = {}
    for name, allowlist in _with_separators_mended(policy).items():
        current = OBSOLETE.get(name, name)
        if not current or not is_known(current) or (current != name and current in policy):
            continue
        members = tuple(dict.fromkeys(filter(None, map(mended_member, allowlist.members))))
        if current in POWERFUL and "*" in members:
            members = ("self",)
        mended[current] = Allowlist(members, parameters=allowlist.parameters)
    return format_policy(mended) or RECOMMENDED


def mended_member(member: str) -> str:
    """The member as it has to be written: `self`, `*` or a quoted origin; "" for what means nothing."""
    text = member.strip("\"'")
    if text in ("self", "*"):
        return text
    scheme, separator, rest = text.partition("://")
    host = rest.split("/", 1)[0].split("?", 1)[0].split("#", 1)[0]
    return f'"{scheme}://{host}"' if separator and scheme and host else ""


def _with_separators_mended(policy: dict[str, Allowlist]) -> dict[str, Allowlist]:
    """The policy with the features that a semicolon made parameters of others, each in its place."""
    found: dict[str, Allowlist] = {}
    for name, allowlist in policy.items():
        found[name] = allowlist
        for parameter, value in allowlist.parameters.items():
            if is_known(parameter):
                found.update(salvage_policy(f"{parameter}={value}"))
    return found
