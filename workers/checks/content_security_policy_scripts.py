"""What a Content-Security-Policy lets scripts do: inline code, eval, and code from anywhere."""

from collections.abc import Iterator
from typing import Final

from workers.check import Check, Rule
from workers.checks.content_security_policy.enforced import FIELD, enforced
from workers.checks.content_security_policy.mended import SPECIFICATION, mended_line
from workers.checks.content_security_policy.sandboxed import forbids_scripts
from workers.checks.content_security_policy.script_sources import ATTRIBUTES, are_unrestricted, weaknesses_in
from workers.model import Finding
from workers.response import Response
from workers.syntax.content_security_policy import parse_policies

UNRESTRICTED = Rule(
    id="csp-scripts-unrestricted",
    severity="medium",
    field=FIELD,
    message="The policy has neither script-src nor default-src: scripts may come from anywhere.",
    why="Without either a policy does nothing against cross-site scripting, whatever else it does.",
    fix="Add script-src 'self' to the policy",
    reference=f"{SPECIFICATION}#directive-script-src",
)
HANDLERS = Rule(
    id="csp-event-handlers-unrestricted",
    severity="medium",
    field=FIELD,
    message="The policy restricts script elements, but has nothing that decides for event handlers.",
    why='script-src-elem is no fallback of script-src-attr: an injected onerror="…" runs.',
    fix="Add script-src-attr 'none' to the policy, or script-src, which decides for both",
    reference=f"{SPECIFICATION}#directive-script-src-attr",
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
    fix="Remove data: from the sources of scripts",
    reference=f"{SPECIFICATION}#security-considerations",
)
MADE_URL = Rule(
    id="csp-scripts-from-blob-urls",
    severity="low",
    field=FIELD,
    message="{directive} lets scripts come from {source}, which is what scripts of the page have written.",
    why="Injected markup cannot make such an address, but a script that makes one of a string can be misled.",
    fix="Serve the scripts as files, and allow blob: in worker-src at most",
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
UNSAFE_HASHES = Rule(
    id="csp-scripts-unsafe-hashes",
    severity="low",
    field=FIELD,
    message="{directive} has 'unsafe-hashes': event handlers and javascript: addresses run by their hashes.",
    why="What is hashed for one element runs on whatever element an attacker puts it.",
    fix="Set event handlers in a script, and remove 'unsafe-hashes'",
    reference=f"{SPECIFICATION}#unsafe-hashes-usage",
)

WEAK: Final = (UNSAFE_INLINE, UNSAFE_EVAL, UNSAFE_HASHES, ANYWHERE, INLINE_URL, MADE_URL, DYNAMIC_ALONE)
BY_ID: Final = {rule.id: rule for rule in WEAK}


def run(response: Response) -> Iterator[Finding]:
    values = enforced(response)
    policies = parse_policies(values)
    if not policies or not response.is_page or forbids_scripts(policies):
        return
    if are_unrestricted(policies):
        yield UNRESTRICTED.found(fix=mended_line(response))
        return
    if are_unrestricted(policies, ATTRIBUTES):
        yield HANDLERS.found(fix=mended_line(response))
    for id_, directive, source in weaknesses_in(values):
        if id_ in BY_ID:  # weak hosts are judged by a check of their own
            yield BY_ID[id_].found(source, directive=directive, source=source, fix=mended_line(response))


CHECK = Check(
    id="content-security-policy-scripts",
    title="Content-Security-Policy: scripts",
    why="A policy protects against cross-site scripting only as far as it limits which scripts run.",
    reference=f"{SPECIFICATION}#directive-script-src",
    rules=(UNRESTRICTED, HANDLERS, *WEAK),
    run=run,
    needs=(FIELD,),
)
