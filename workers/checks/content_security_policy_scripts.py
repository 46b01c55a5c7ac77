"""What a Content-Security-Policy lets scripts do: inline code, eval, and code from anywhere."""

import re
from collections.abc import Callable, Iterable, Iterator

from workers.check import Check, Rule
from workers.checks.content_security_policy import ANY_HOST, FIELD, SPECIFICATION, line
from workers.model import Finding
from workers.response import Response
from workers.syntax.content_security_policy import Policy, parse_policies

# CSP3 section 2.3.1. The value's base64 is bounded by the policy, and nothing follows it: linear.
_NONCE_OR_HASH = re.compile(r"'(?:nonce-|sha(?:256|384|512)-)[A-Za-z0-9+/\-_]++={0,2}'", re.IGNORECASE)
STRICT_DYNAMIC = "'strict-dynamic'"
INLINE_URLS = frozenset({"data:", "blob:", "filesystem:"})
# The directive that decides (before its fallbacks) for script elements, for event handlers, for eval().
ELEMENTS = ("script-src-elem",)
INLINE = ("script-src-elem", "script-src-attr")
EVALUATION = ("script-src",)

UNRESTRICTED = Rule(
    id="csp-scripts-unrestricted",
    severity="medium",
    field=FIELD,
    message="The policy has neither script-src nor default-src: scripts may come from anywhere.",
    why="Without either a policy does nothing against cross-site scripting, whatever else it does.",
    fix="Add script-src 'self' to the policy",
    reference=f"{SPECIFICATION}#directive-script-src",
)
UNSAFE_INLINE = Rule(
    id="csp-scripts-unsafe-inline",
    severity="medium",
    field=FIELD,
    message="{directive} has 'unsafe-inline' and neither nonce nor hash: an injected inline script runs.",
    why="Inline code is what cross-site scripting injects; with nonces or hashes only the page's own runs.",
    fix="Give each inline script a nonce or list its hash, and remove 'unsafe-inline'",
    reference=f"{SPECIFICATION}#allow-all-inline",
)
UNSAFE_EVAL = Rule(
    id="csp-scripts-unsafe-eval",
    severity="low",
    field=FIELD,
    message="{directive} has 'unsafe-eval': strings can be turned into code.",
    why="eval() and its like run what an attacker gets into a string.",
    fix="Remove 'unsafe-eval' ('wasm-unsafe-eval' is enough for WebAssembly)",
    reference=f"{SPECIFICATION}#can-compile-strings",
)
ANYWHERE = Rule(
    id="csp-scripts-from-anywhere",
    severity="medium",
    field=FIELD,
    message="{directive} lets scripts come from any host ({source}).",
    why="An injected script element need only name the attacker's own host.",
    fix="Name the hosts that scripts come from, or use nonces with 'strict-dynamic'",
    reference=f"{SPECIFICATION}#match-url-to-source-list",
)
INLINE_URL = Rule(
    id="csp-scripts-from-data-urls",
    severity="medium",
    field=FIELD,
    message="{directive} lets scripts be written into the address itself ({source}).",
    why="A data: address holds its content, so allowing it allows what an attacker writes.",
    fix="Remove data: and its like from the sources of scripts",
    reference=f"{SPECIFICATION}#security-considerations",
)
DYNAMIC_ALONE = Rule(
    id="csp-strict-dynamic-alone",
    severity="low",
    field=FIELD,
    message="{directive} has 'strict-dynamic' but neither nonce nor hash, so no script can run at all.",
    why="'strict-dynamic' sets host sources aside; trust then begins only with a nonce or a hash.",
    fix="Add a nonce for each response, or remove 'strict-dynamic'",
    reference=f"{SPECIFICATION}#strict-dynamic-usage",
)

Weakness = Callable[[tuple[str, ...]], str | None]


def run(response: Response) -> Iterator[Finding]:
    policies = parse_policies(response.values(FIELD))
    if not policies or not response.is_page:
        return
    if all(policy.governing("script-src-elem") is None for policy in policies):
        first, *others = policies
        yield UNRESTRICTED.found(fix=line((first.replaced("script-src", ["'self'"]), *others)))
        return
    for rule, weakness, kinds in JUDGED:
        yield from _judge(rule, weakness, kinds, policies)


def _judge(
    rule: Rule, weakness: Weakness, kinds: tuple[str, ...], policies: tuple[Policy, ...]
) -> Iterator[Finding]:
    """At most one finding: where some kind of script has the weakness in every policy that governs it."""
    for kind in kinds:
        governing = [entry for policy in policies if (entry := policy.governing(kind)) is not None]
        weak = [weakness(sources) for _, sources in governing]
        if weak and None not in weak:  # all policies are enforced: one that is strict is enough
            fix = line(_without(policy, weakness, kinds) for policy in policies)
            yield rule.found(weak[0], directive=governing[0][0], source=weak[0], fix=fix)
            return


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


JUDGED: tuple[tuple[Rule, Weakness, tuple[str, ...]], ...] = (
    (UNSAFE_INLINE, _inline, INLINE),
    (UNSAFE_EVAL, _evaluation, EVALUATION),
    (ANYWHERE, _anywhere, ELEMENTS),
    (INLINE_URL, _inline_url, ELEMENTS),
    (DYNAMIC_ALONE, _dynamic_alone, ELEMENTS),
)

CHECK = Check(
    id="content-security-policy-scripts",
    title="Content-Security-Policy: scripts",
    why="A policy protects against cross-site scripting only as far as it limits which scripts run.",
    reference=f"{SPECIFICATION}#directive-script-src",
    rules=(UNRESTRICTED, *(rule for rule, _, _ in JUDGED)),
    run=run,
)
