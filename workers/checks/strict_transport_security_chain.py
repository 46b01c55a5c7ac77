"""Strict-Transport-Security along redirects (RFC 6797 section 7), and as hstspreload.org reads it.

A policy holds for the host that sent it. A host that only redirects has to send its own, over https, or every
visit that begins there begins in the open.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from workers.check import Check, Rule
from workers.checks.strict_transport_security import FIELD, PRELOAD_LIST, mended_line, read_directives
from workers.model import Finding, Hop
from workers.observatory.preload import is_preloaded
from workers.response import Response
from workers.syntax.hosts import host_of, is_address, is_local

# The list's own reader: max-age= and digits, nothing between and no quotes.
_READABLE = re.compile(r"(?:\A|;)[ \t]*+max-age=[0-9]++[ \t]*+(?:;|\Z)", re.IGNORECASE | re.ASCII)
_SUBDOMAINS = re.compile(r"(?:\A|;)[ \t]*+includesubdomains[ \t]*+(?:;|=|\Z)", re.IGNORECASE)

REDIRECT_WITHOUT = Rule(
    id="hsts-missing-on-redirect",
    severity="low",
    field=FIELD,
    message="{host} redirects over https without a policy, and the last host's does not cover it.",
    why="A policy holds for the host that sends it: visits that begin at this one stay open to attack.",
    fix=f"Send {FIELD} with the redirect too",
    reference="RFC 6797 section 7.1",
)
NEVER_OVER_HTTPS = Rule(
    id="hsts-host-left-over-http",
    severity="info",
    field=FIELD,
    message="{host} redirects from http to another host, so browsers never see a policy of its own.",
    why="A chain that protects goes from http to https on the same host first, and then elsewhere.",
    fix="Redirect http to https on the same host first, and send the header there",
    reference=PRELOAD_LIST,
)
PRELOAD_UNREADABLE = Rule(
    id="hsts-preload-unreadable",
    severity="low",
    field=FIELD,
    message="preload is asked for, but the preload list reads max-age only without quotes and spaces.",
    why="Browsers take the value; the list's reader refuses it, and the host is not taken in.",
    fix=None,
    reference=PRELOAD_LIST,
)


def run(response: Response) -> Iterator[Finding]:
    values = response.values(FIELD)
    if values and response.is_https:
        yield from _judge_preload(values[0])
    if values and response.is_https and response.earlier:
        yield from _judge_chain(response.hops, values[0])


def _judge_preload(value: str) -> Iterator[Finding]:
    if "preload" not in value.lower() or _READABLE.search(value):
        return
    directives, rest = read_directives(value)
    names = {directive.name: directive.value for directive in directives}
    if not rest and "preload" in names and (names.get("max-age") or "").isdigit():
        written = next(part for part in value.split(";") if part.lower().strip(" \t").startswith("max-age"))
        yield PRELOAD_UNREADABLE.found(written.strip(" \t"), fix=mended_line(value))


def _judge_chain(hops: tuple[Hop, ...], policy: str) -> Iterator[Finding]:
    last = host_of(hops[-1].url)
    covered = f".{last}" if _SUBDOMAINS.search(policy) else None
    secured = {host_of(hop.url) for hop in hops if hop.url.startswith("https:") and _policies(hop)}
    told: set[str] = set()
    for hop, after in pairwise(hops):
        host = host_of(hop.url)
        if host in secured or host in told or is_address(host) or is_local(host):
            continue
        if (covered is not None and host.endswith(covered)) or is_preloaded(host):
            continue
        if hop.url.startswith("https:"):
            told.add(host)
            yield REDIRECT_WITHOUT.found(hop.url, host=host)
        elif after.url.startswith("https:") and host_of(after.url) != host:
            told.add(host)
            yield NEVER_OVER_HTTPS.found(f"{hop.url} → {after.url}", host=host)


def _policies(hop: Hop) -> bool:
    return any(name.lower() == "strict-transport-security" for name, _ in hop.headers)


CHECK = Check(
    id="strict-transport-security-chain",
    title="Strict-Transport-Security along redirects",
    why="A visit is as safe as the host where it begins.",
    reference="RFC 6797 section 7.1",
    rules=(REDIRECT_WITHOUT, NEVER_OVER_HTTPS, PRELOAD_UNREADABLE),
    run=run,
    needs=(FIELD,),
)
