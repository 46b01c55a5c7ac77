"""Fields that belong in requests, in a response: a server or proxy that mirrors what it was sent.

Only those are looked for that browsers send by themselves and that mean nothing in a response.
"""

from collections.abc import Iterator

from workers.check import Check, Rule, removal
from workers.model import Finding
from workers.response import Response

REQUEST_ONLY = {
    name.lower(): name
    for name in (
        "Access-Control-Request-Headers",
        "Access-Control-Request-Method",
        "Origin",
        "Sec-CH-UA",
        "Sec-CH-UA-Mobile",
        "Sec-CH-UA-Platform",
        "Sec-Fetch-Dest",
        "Sec-Fetch-Mode",
        "Sec-Fetch-Site",
        "Sec-Fetch-User",
        "Sec-GPC",
        "Sec-Purpose",
        "Upgrade-Insecure-Requests",
    )
}

IN_RESPONSE = Rule(
    id="request-field-in-response",
    severity="info",
    field="Origin",
    message="{name} is a field of requests; in a response nobody reads it.",
    why="It is often there because what a client sends is copied into the answer.",
    fix=removal("Origin"),
    reference="RFC 9110 section 10.1",
)


def run(response: Response) -> Iterator[Finding]:
    found = [name for key, name in REQUEST_ONLY.items() if response.values(key)]
    if found:
        fix = removal(found[0]) if len(found) == 1 else f"Remove the fields {', '.join(found)}"
        yield IN_RESPONSE.found(response.values(found[0])[0], field=found[0], fix=fix, name=found[0])


CHECK = Check(
    id="mirrored-request-fields",
    title="Request fields in a response",
    why="Shows where a server mirrors its input.",
    reference="RFC 9110 section 10.1",
    rules=(IN_RESPONSE,),
    run=run,
    needs=tuple(REQUEST_ONLY),
)
