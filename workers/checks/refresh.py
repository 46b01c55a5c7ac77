"""Refresh (WHATWG HTML, "The Refresh header"): a page that sends its visitors on, or loads itself again."""

import re
from collections.abc import Iterator

from workers.check import Check, Rule, removal
from workers.model import Finding
from workers.response import Response
from workers.syntax.hosts import host_of, is_local
from workers.syntax.parameters import LIMIT

FIELD = "Refresh"
SPECIFICATION = "https://html.spec.whatwg.org/multipage/document-lifecycle.html#the-refresh-header"
STEPS = "https://html.spec.whatwg.org/multipage/semantics.html#shared-declarative-refresh-steps"

# The shared declarative refresh steps: seconds, a separator, and perhaps url= before an address.
_REFRESH = re.compile(
    r"""[ \t]*+(?:(?P<seconds>[0-9]++)|(?=\.))[0-9.]*+
        (?:\Z|(?=[;, \t])[ \t]*+[;,]?+[ \t]*+(?:[Uu][Rr][Ll][ \t]*+=[ \t]*+)?(?P<url>.*+)\Z)""",
    re.VERBOSE | re.DOTALL,
)
_ANY_URL = re.compile(r"(?i)(?:url[ \t]*+=[ \t]*+|(?=https?://))[\"']?+([^\s\"';,]++)")

MALFORMED = Rule(
    id="refresh-malformed",
    severity="low",
    field=FIELD,
    message="The value does not begin with a number of seconds, so browsers ignore it.",
    why="The form is seconds, a semicolon and url=address; visitors stay where they are.",
    fix=removal(FIELD),
    reference=STEPS,
)
TO_HTTP = Rule(
    id="refresh-to-http",
    severity="medium",
    field=FIELD,
    message="The page sends its visitors on from https to plain http, at the host {host}.",
    why="Whoever is on the way reads what is asked for over http, and can answer in the site's place.",
    fix=None,
    reference=SPECIFICATION,
)
BLOCKED = Rule(
    id="refresh-target-blocked",
    severity="low",
    field=FIELD,
    message="The target is a {scheme} URL, to which browsers do not go from a header.",
    why="It would run a script or show a page in the site's name; such a value is seldom meant.",
    fix=removal(FIELD),
    reference=STEPS,
)
REDIRECTS = Rule(
    id="refresh-as-redirect",
    severity="info",
    field=FIELD,
    message="The page only sends its visitors on, which a redirect's status says better.",
    why="Search engines, scripts and the back button do not follow a refresh as they follow a redirect.",
    fix="Answer with status 302 or 301 and the field Location",
    reference="https://www.w3.org/TR/WCAG20-TECHS/SVR1.html",
)


def run(response: Response) -> Iterator[Finding]:
    values = response.values(FIELD)
    if not values or len(values[-1]) > LIMIT or not response.has_content:
        return
    value = values[-1]  # a later one is scheduled in an earlier one's place
    match = _REFRESH.match(value)
    if match is None:
        yield MALFORMED.found(value, fix=_mended(value, response.is_https))
        return
    target = (match["url"] or "").strip(" \t\"'")
    scheme = target.partition(":")[0].lower()
    host = host_of(target.lower())
    if scheme in ("javascript", "data"):
        yield BLOCKED.found(value, scheme=scheme)
    elif scheme == "http" and response.is_https and host and not is_local(host):
        yield TO_HTTP.found(value, host=host, fix=f"{FIELD}: {match['seconds'] or 0}; url=https{target[4:]}")
    elif target and int((match["seconds"] or "0")[:9]) == 0:
        yield REDIRECTS.found(value)


def _mended(value: str, is_https: bool) -> str | None:
    """The line that says what was meant; None, for the field's removal, where no address is to be seen."""
    match = _ANY_URL.search(value)
    if match is None or match[1].lower().startswith(("javascript:", "data:")):
        return None
    target = match[1]
    plain = is_https and target.lower().startswith("http:") and not is_local(host_of(target.lower()))
    return f"{FIELD}: 0; url={f'https{target[4:]}' if plain else target}"


CHECK = Check(
    id="delayed-redirect",
    title="Refresh",
    why="Sends visitors on without the status of a redirect, where checks of redirects do not look.",
    reference=SPECIFICATION,
    rules=(MALFORMED, TO_HTTP, BLOCKED, REDIRECTS),
    run=run,
    needs=(FIELD,),
)
