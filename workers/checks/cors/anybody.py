"""Origins that any site can be: null, and whichever one asks (WHATWG Fetch section 3.3.5).

A server that gives each origin its own name back does so only to a request that has an Origin; at full depth
the preflight is one.
"""

from collections.abc import Iterator

from workers.check import Rule
from workers.model import FOREIGN_ORIGIN, Finding
from workers.response import Access

ORIGIN = "Access-Control-Allow-Origin"
CREDENTIALS = "Access-Control-Allow-Credentials"
SPECIFICATION = "https://fetch.spec.whatwg.org/"

NULL_ORIGIN = Rule(
    id="cors-null-origin",
    severity="medium",
    field=ORIGIN,
    message="The origin null may read the response; any site can make itself that origin.",
    why="A sandboxed frame has the origin null, whoever wrote what is in it.",
    fix=f"Name the origin that may read, or leave out {ORIGIN}",
    reference=f"{SPECIFICATION}#http-access-control-allow-origin",
)
NULL_CREDENTIALS = Rule(
    id="cors-null-origin-with-credentials",
    severity="high",
    field=ORIGIN,
    message="The origin null may read with credentials, so any site can read what a visitor who is logged in "
    "sees.",
    why="A sandboxed frame has the origin null, whoever wrote what is in it; its requests may carry cookies.",
    fix=f"Name the origin that may read, or leave out {CREDENTIALS}",
    reference=f"{SPECIFICATION}#cors-protocol-and-credentials",
)
ANY_CREDENTIALS = Rule(
    id="cors-any-origin-with-credentials",
    severity="high",
    field=ORIGIN,
    message="A preflight from an origin that nobody knows was told that it may read with credentials: any "
    "site can read what a visitor who is logged in sees.",
    why="Browsers refuse * with credentials to keep visitors' data from other sites; a server that gives "
    "each origin its own name back undoes that.",
    fix=f"Allow only the origins on a list of your own, or leave out {CREDENTIALS}",
    reference=f"{SPECIFICATION}#cors-protocol-and-credentials",
)
ANY_ORIGIN = Rule(
    id="cors-any-origin-reflected",
    severity="info",
    field=ORIGIN,
    message="A preflight from an origin that nobody knows was given its own name back: any site may read, as "
    "with *, though without credentials.",
    why="What is open to all is better told by *: no browser takes it together with credentials, and caches "
    "may keep it for everybody.",
    fix=f"Send {ORIGIN} with * where all may read, or else the origins on a list of your own alone",
    reference=f"{SPECIFICATION}#cors-protocol-and-http-caches",
)
RULES = (NULL_ORIGIN, NULL_CREDENTIALS, ANY_CREDENTIALS, ANY_ORIGIN)


def find(origin: str | None, credentials: str | None, access: Access | None) -> Iterator[Finding]:
    """By what the response says itself, and by what a preflight was told besides; of null once, the worse."""
    if access == "null-with-credentials" or (origin == "null" and credentials == "true"):
        yield NULL_CREDENTIALS.found("null")
    elif origin == "null" or access == "null":
        yield NULL_ORIGIN.found("null")
    if access == "any-with-credentials":
        yield ANY_CREDENTIALS.found(FOREIGN_ORIGIN)
    elif access == "any":
        yield ANY_ORIGIN.found(FOREIGN_ORIGIN)
