"""What a Content-Security-Policy lets style sheets do: they run no code, so this is worth knowing only."""

from collections.abc import Iterator

from workers.check import Check, Rule
from workers.checks.content_security_policy.enforced import FIELD, enforced
from workers.checks.content_security_policy.mended import SPECIFICATION
from workers.checks.content_security_policy.script_sources import governing_lists
from workers.checks.content_security_policy.sources import SourceList
from workers.model import Finding
from workers.response import Response
from workers.syntax.content_security_policy import parse_policies

ELEMENTS = "style-src-elem"
ATTRIBUTES = "style-src-attr"

# Prose: without what it names, the page itself would look broken until its style sheets are changed.
UNSAFE_INLINE = Rule(
    id="csp-styles-unsafe-inline",
    severity="info",
    field=FIELD,
    message="{directive} has 'unsafe-inline' and neither nonce nor hash: injected styles apply.",
    why="Injected styles can cover the page, and read out secrets by selectors that load pictures.",
    fix="Move inline styles to style sheets, or give them nonces or hashes; then remove 'unsafe-inline'",
    reference=f"{SPECIFICATION}#directive-style-src",
)
ANYWHERE = Rule(
    id="csp-styles-from-anywhere",
    severity="info",
    field=FIELD,
    message="{directive} lets style sheets come from any host ({source}).",
    why="An injected link element can load a style sheet of the attacker's own.",
    fix="Name the hosts that style sheets come from",
    reference=f"{SPECIFICATION}#directive-style-src",
)


def run(response: Response) -> Iterator[Finding]:
    policies = parse_policies(enforced(response))
    if not policies or not response.is_page:
        return
    elements = governing_lists(policies, ELEMENTS)
    for governing in (elements, governing_lists(policies, ATTRIBUTES)):
        inline = [_inline(sources) for _, sources in governing]
        if inline and inline[0] is not None and None not in inline:
            yield UNSAFE_INLINE.found(inline[0], directive=governing[0][0])
            break
    hosts = [sources.any_host for _, sources in elements]
    if hosts and hosts[0] is not None and None not in hosts:
        yield ANYWHERE.found(hosts[0], directive=elements[0][0], source=hosts[0])


def _inline(sources: SourceList) -> str | None:
    """'unsafe-inline' where it has an effect; 'strict-dynamic' is about scripts and leaves it be."""
    return None if sources.has_nonce_or_hash else sources.by_lower.get("'unsafe-inline'")


CHECK = Check(
    id="content-security-policy-styles",
    title="Content-Security-Policy: style sheets",
    why="Styles that an attacker writes can deceive visitors and read parts of the page.",
    reference=f"{SPECIFICATION}#directive-style-src",
    rules=(UNSAFE_INLINE, ANYWHERE),
    run=run,
    needs=(FIELD,),
)
