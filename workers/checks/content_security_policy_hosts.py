"""Which hosts a Content-Security-Policy trusts with scripts, and what is known of them.

The known hosts and their source are `content_security_policy.bypass_hosts`.
"""

from collections.abc import Iterator

from workers.check import Check, Rule
from workers.checks.content_security_policy.bypasses import endpoints_of, guarded_by_path
from workers.checks.content_security_policy.enforced import FIELD, enforced
from workers.checks.content_security_policy.mended import SPECIFICATION, mended_line
from workers.checks.content_security_policy.sandboxed import forbids_scripts
from workers.checks.content_security_policy.script_sources import (
    BYPASS,
    ELEMENTS,
    FOR_ANYBODY,
    Governing,
    governing_lists,
    weaknesses_in,
)
from workers.checks.content_security_policy.sources import LOOPBACK, SourceList, read_source
from workers.model import Finding
from workers.response import Response
from workers.syntax.content_security_policy import parse_policies

LOCAL = frozenset({"localhost", LOOPBACK})

BYPASS_HOST = Rule(
    id=BYPASS,
    severity="medium",
    field=FIELD,
    message="{directive} trusts {source}, and {endpoint} there {does}: the policy can be bypassed.",
    why="An injected script element that names the endpoint runs the attacker's code from a trusted host.",
    fix="Trust scripts by nonce or hash instead of by host, with 'strict-dynamic' for those that they load",
    reference=f"{SPECIFICATION}#strict-dynamic-usage",
)
SHARED_HOSTING = Rule(
    id=FOR_ANYBODY,
    severity="medium",
    field=FIELD,
    message="{directive} trusts {source}, and anybody can get a host under that name.",
    why="An attacker need only register there to be trusted with scripts.",
    fix="Name the very hosts that scripts come from",
    reference=f"{SPECIFICATION}#match-hosts",
)
TRUSTED_BY_HOST = Rule(
    id="csp-scripts-trusted-by-host",
    severity="info",
    field=FIELD,
    message="{directive} trusts scripts by their host: {source}{others}.",
    why="Whatever one of the hosts serves may run: a JSONP endpoint, an old library, an upload. "
    "Nonces or hashes with 'strict-dynamic' trust the scripts themselves.",
    # prose, for a nonce is made anew for each response and stands in the page too
    fix="Give each script element a nonce, and say 'strict-dynamic' beside it in the policy",
    reference=f"{SPECIFICATION}#strict-dynamic-usage",
)
PATH_ALONE = Rule(
    id="csp-scripts-kept-by-path-alone",
    severity="info",
    field=FIELD,
    message="Only the path of {source} in {directive} keeps out {endpoint}, which {does}.",
    why="Paths do not count after a redirect: any trusted host that redirects anywhere leads there.",
    fix="Trust scripts by nonce or hash instead of by host",
    reference=f"{SPECIFICATION}#source-list-paths-and-redirects",
)
LOCAL_HOST = Rule(
    id="csp-scripts-from-local-host",
    severity="low",
    field=FIELD,
    message="{directive} trusts {source}, the visitor's own machine, with scripts.",
    why="Any program that listens there, or another user of the machine, can run code in the page.",
    fix="Keep sources of the development out of the policy that is sent to visitors",
    reference=f"{SPECIFICATION}#match-hosts",
)


def run(response: Response) -> Iterator[Finding]:
    values = enforced(response)
    policies = parse_policies(values)
    if not policies or not response.is_page or forbids_scripts(policies):
        return
    governing = governing_lists(policies, ELEMENTS)
    if not any(sources.hosts for _, sources in governing):
        return
    for id_, directive, source in weaknesses_in(values):
        if id_ == BYPASS:
            yield _bypass(governing, directive, source, mended_line(response))
        elif id_ == FOR_ANYBODY:
            yield SHARED_HOSTING.found(source, directive=directive, source=source, fix=mended_line(response))
    # a policy that any host satisfies leaves the choice of hosts to the others
    naming = [entry for entry in governing if entry[1].is_dynamic or entry[1].any_host is None]
    if naming and all(sources.hosts and not sources.is_dynamic for _, sources in naming):
        yield from _judge_hosts(*min(naming, key=lambda entry: len(entry[1].hosts)))


def _judge_hosts(directive: str, sources: SourceList) -> Iterator[Finding]:
    first = sources.hosts[0].text
    count = len(sources.hosts)
    others = "" if count == 1 else f" is the first of {count}"
    yield TRUSTED_BY_HOST.found(first, directive=directive, source=first, others=others)
    local = next((host.text for host in sources.hosts if host.host in LOCAL), None)
    if local is not None:
        yield LOCAL_HOST.found(local, directive=directive, source=local)
    for host in sources.hosts:
        kept = guarded_by_path(host)
        if kept is not None:
            yield PATH_ALONE.found(
                host.text,
                directive=directive,
                source=host.text,
                endpoint=f"{kept.host}{kept.path}",
                does=kept.does,
            )
            return


def _bypass(governing: Governing, directive: str, source: str, fix: str | None) -> Finding:
    can_evaluate = any("'unsafe-eval'" in sources.by_lower for _, sources in governing)
    endpoint = endpoints_of(read_source(source), can_evaluate)[0]
    return BYPASS_HOST.found(
        source,
        directive=directive,
        source=source,
        endpoint=f"{endpoint.host}{endpoint.path}",
        does=endpoint.does,
        fix=fix,
    )


CHECK = Check(
    id="content-security-policy-hosts",
    title="Content-Security-Policy: the hosts of scripts",
    why="A policy that trusts hosts is as good as the worst thing that one of them serves.",
    reference=f"{SPECIFICATION}#match-hosts",
    rules=(BYPASS_HOST, SHARED_HOSTING, TRUSTED_BY_HOST, PATH_ALONE, LOCAL_HOST),
    run=run,
    needs=(FIELD,),
)
