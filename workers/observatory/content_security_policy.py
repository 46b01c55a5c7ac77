"""The Observatory's test of Content-Security-Policy (csp.js), by header and by `<meta http-equiv>`.

Where the body was not gathered, a page that sends the header is judged by it: a `<meta>` beside it could
only restrict it further, or make the Observatory call the whole invalid. A page without the header may have
its policy in a `<meta>`, so it is not tested, unless it is no HTML and can have none.
"""

from typing import Final

from workers.observatory.csp_policy import (
    NONE,
    InvalidPolicy,
    Policy,
    parse_meta_policies,
    parse_policies,
    split_policies,
)
from workers.observatory.evidence import NOT_GATHERED, Evidence, read_address
from workers.observatory.http_equiv import MetaHeaders, read_meta_headers
from workers.observatory.result import NOT_TESTED

NAME: Final = "content-security-policy"

_BROAD: Final = frozenset(
    {"ftp:", "http:", "https:", "*", "http://*", "http://*.*", "https://*", "https://*.*"}
)
_BROAD_OR_INLINE: Final = _BROAD | {"'unsafe-inline'", "data:"}
_NONCE_OR_HASH: Final = ("'sha256-", "'sha384-", "'sha512-", "'nonce-")
_INSECURE_SCHEMES: Final = ("http:", "ftp:")
_PASSIVE: Final = ("img-src", "media-src")
# What 'strict-dynamic' makes of no effect. Oddity: it takes any source that *begins* like a broad one.
_OVERRULED_PREFIXES: Final = tuple(_BROAD)
_OVERRULED: Final = frozenset({"'self'", "'unsafe-inline'"})
_PASSING: Final = frozenset(
    {
        "csp-implemented-with-no-unsafe",
        "csp-implemented-with-no-unsafe-default-src-none",
        "csp-implemented-with-unsafe-inline-in-style-src-only",
        "csp-implemented-with-insecure-scheme-in-passive-content-only",
    }
)


def judge(evidence: Evidence) -> str:
    header = evidence.header(NAME)
    meta = read_meta_headers(evidence)
    if meta is NOT_GATHERED:
        if header is None:
            return NOT_TESTED
        meta = MetaHeaders()
    try:
        policy = _read_policy(header, meta)
    except InvalidPolicy:
        return "csp-header-invalid"
    if policy is None:
        reports = evidence.header("content-security-policy-report-only")
        return "csp-not-implemented-but-reporting-enabled" if reports else "csp-not-implemented"
    result = _judge_policy(policy, is_https=read_address(evidence.site_url).scheme == "https")
    if policy.repeats and result in _PASSING:
        return "csp-implemented-but-duplicate-directives"
    return result


def names_frame_ancestors(evidence: Evidence) -> bool:
    """Whether the policy has a frame-ancestors, as the test of X-Frame-Options asks.

    Oddity (x-frame-options.js): one in a `<meta>` counts if some other directive there may stand in it.
    """
    meta = read_meta_headers(evidence)
    if meta is NOT_GATHERED:
        meta = MetaHeaders()
    header = evidence.header(NAME)
    if not any("frame-ancestors" in value.lower() for value in (header or "", *meta.policies)):
        return False
    try:
        policy = _read_policy(header, meta)
    except InvalidPolicy:
        return False
    return policy is not None and "frame-ancestors" in policy.directives


def _read_policy(header: str | None, meta: MetaHeaders) -> Policy | None:
    """Header and `<meta>` made one; None where neither has a directive in force. Raises InvalidPolicy.

    Oddity: what a `<meta>` may not say is left out only when it is asked whether there is a policy at all.
    """
    from_header = split_policies([] if header is None else [header])
    from_meta = split_policies(list(meta.policies))
    policy = parse_policies([*from_header, *from_meta])
    if not from_meta:
        return None if policy.is_empty else policy
    try:
        if from_header and not parse_policies(from_header).is_empty:
            return policy
    except InvalidPolicy:
        pass  # by itself it may be, and together not: then it counts for nothing here
    try:
        return None if parse_meta_policies(from_meta).is_empty else policy
    except InvalidPolicy:
        return None


def _judge_policy(policy: Policy, *, is_https: bool) -> str:
    """The first rule that applies gives the result: their order is csp.js's, not that of the scores."""
    directives = policy.directives
    scripts = _sources(policy, "script-src")
    styles = _sources(policy, "style-src")
    objects = _sources(policy, "object-src")
    for sources in (scripts, styles):
        if _has_nonce_or_hash(sources):
            sources.discard("'unsafe-inline'")  # Oddity: out of default-src itself, where that stands in
    if "'strict-dynamic'" in scripts:
        if not _has_nonce_or_hash(scripts):
            return "csp-header-invalid"
        scripts -= {source for source in scripts if source.startswith(_OVERRULED_PREFIXES)} | _OVERRULED
    if scripts & _BROAD_OR_INLINE or objects & _BROAD:
        return "csp-implemented-with-unsafe-inline"
    if is_https and (_is_insecure(scripts) or any(map(_is_insecure, _active(policy)))):
        return "csp-implemented-with-insecure-scheme"
    if "'unsafe-eval'" in scripts or "'unsafe-eval'" in styles:
        return "csp-implemented-with-unsafe-eval"
    if is_https and any(_is_insecure(_passive(policy, name)) for name in _PASSIVE):
        return "csp-implemented-with-insecure-scheme-in-passive-content-only"
    if styles & _BROAD_OR_INLINE:
        return "csp-implemented-with-unsafe-inline-in-style-src-only"
    if directives.get("default-src") == {NONE}:
        return "csp-implemented-with-no-unsafe-default-src-none"
    return "csp-implemented-with-no-unsafe"


def _sources(policy: Policy, name: str) -> set[str]:
    """The directive's sources or what stands in for them; the set itself, so that a change shows in both."""
    for directive in (name, "default-src"):
        if directive in policy.directives:
            return policy.directives[directive]
    return {"*"}


def _passive(policy: Policy, name: str) -> set[str]:
    return policy.directives.get(name, policy.directives.get("default-src", set()))


def _active(policy: Policy) -> list[set[str]]:
    """Oddity: everything but images and media, the addresses that reports go to among it."""
    return [sources for name, sources in policy.directives.items() if name not in ("script-src", *_PASSIVE)]


def _has_nonce_or_hash(sources: set[str]) -> bool:
    return any(source.startswith(_NONCE_OR_HASH) for source in sources)


def _is_insecure(sources: set[str]) -> bool:
    return any(source.startswith(_INSECURE_SCHEMES) for source in sources)
