"""Redirects from https to http: where a visit that was protected goes on in the open.

A visit that begins over http and stays there is no finding here: that is for `plain_http`.
"""

from collections.abc import Iterator
from itertools import pairwise

from workers.check import Check, Rule
from workers.model import Finding
from workers.response import Response
from workers.syntax.hosts import host_of, is_local

REDIRECT_TO_HTTP = Rule(
    id="redirect-to-http",
    severity="high",
    field="Location",
    message="A redirect leads from https to plain http, at the host {host}.",
    why="Whoever is on the way reads what is asked for over http, and can answer in the site's place; "
    "a browser that began over https is not safe from it unless it knows the host's HSTS policy.",
    fix="Redirect to the https address, and serve the page there",
    reference="RFC 6797 section 2.3.1",
)


def run(response: Response) -> Iterator[Finding]:
    if not response.earlier:
        return
    urls = [hop.url for hop in response.hops]
    for source, target in pairwise(urls):
        host = host_of(target)
        if source.startswith("https:") and target.startswith("http:") and not is_local(host):
            yield REDIRECT_TO_HTTP.found(f"{source} → {target}", host=host)
            return  # one is enough to undo the protection; the record's hops show any other


CHECK = Check(
    id="transport-downgrade",
    title="Redirects from https to http",
    why="A chain of redirects is as safe as its weakest hop.",
    reference="RFC 6797 section 2.3.1",
    rules=(REDIRECT_TO_HTTP,),
    run=run,
)
