"""Link (RFC 8288, WHATWG HTML section 4.6.7): what browsers shall fetch before they have read the page.

Other relations are for other readers, and are not judged beyond their syntax.
"""

from collections.abc import Iterator
from typing import Final

from workers.check import Check, Rule, removal
from workers.model import Finding
from workers.response import Response
from workers.syntax.hosts import host_of, is_local
from workers.syntax.link import Link, parse_links
from workers.syntax.parameters import LIMIT

FIELD = "Link"
LIMIT_LINKS: Final = 50  # browsers stop fetching early hints long before
PRELOAD = "https://html.spec.whatwg.org/multipage/links.html#link-type-preload"
DESTINATIONS = frozenset(
    {
        "audio", "audioworklet", "document", "embed", "fetch", "font", "frame", "iframe", "image", "json",
        "manifest", "object", "paintworklet", "report", "script", "serviceworker", "sharedworker",
        "style", "text", "track", "video", "webidentity", "worker", "xslt",
    }
)  # fmt: skip
BY_ENDING = {
    "avif": "image", "css": "style", "gif": "image", "jpeg": "image", "jpg": "image", "js": "script",
    "json": "fetch", "mjs": "script", "otf": "font", "png": "image", "svg": "image", "ttf": "font",
    "vtt": "track", "webp": "image", "woff": "font", "woff2": "font",
}  # fmt: skip
FETCHED = frozenset({"preload", "modulepreload", "stylesheet", "prefetch", "preconnect", "dns-prefetch"})

MALFORMED = Rule(
    id="link-malformed",
    severity="low",
    field=FIELD,
    message="{member} is no link, so it is skipped.",
    why="A link is an address in angle brackets with parameters after it; between links stand commas.",
    fix=removal(FIELD),
    reference="RFC 8288 section 3",
)
NO_RELATION = Rule(
    id="link-relation-missing",
    severity="info",
    field=FIELD,
    message="The link to {target} does not say by rel what it is, so nobody can use it.",
    why="rel is the one parameter that every link must have.",
    fix=removal(FIELD),
    reference="RFC 8288 section 3.3",
)
NO_DESTINATION = Rule(
    id="link-preload-without-as",
    severity="low",
    field=FIELD,
    message="{target} is to be preloaded, but as does not say as what: browsers ignore it.",
    why="Without as the browser knows neither priority nor policy of what it would fetch.",
    fix=removal(FIELD),
    reference=PRELOAD,
)
UNKNOWN_DESTINATION = Rule(
    id="link-preload-as-unknown",
    severity="low",
    field=FIELD,
    message="as={destination} names no destination, so browsers do not preload {target}.",
    why="The values are words such as script, style, font and image, not media types.",
    fix=removal(FIELD),
    reference="https://fetch.spec.whatwg.org/#concept-potential-destination",
)
FONT_TWICE = Rule(
    id="link-font-without-crossorigin",
    severity="info",
    field=FIELD,
    message="The font {target} is preloaded without crossorigin, and then fetched a second time.",
    why="Fonts are fetched in anonymous CORS mode; a preload in another mode does not match.",
    fix=removal(FIELD),
    reference=PRELOAD,
)
INSECURE = Rule(
    id="link-insecure-target",
    severity="low",
    field=FIELD,
    message="The page came over https and has {target} fetched over plain http.",
    why="Browsers block it as mixed content, or ask for it by https, which the link can do itself.",
    fix=removal(FIELD),
    reference="https://www.w3.org/TR/mixed-content/#should-block-fetch",
)


def run(response: Response) -> Iterator[Finding]:
    value = response.combined(FIELD)
    if value is None or len(value) > LIMIT:
        return
    members = parse_links(value)[:LIMIT_LINKS]
    broken: dict[str, tuple[Rule, str, Link | None]] = {}
    for text, link in members:
        for rule in _rules_broken(link, response):
            broken.setdefault(rule.id, (rule, text, link))
    if not broken:
        return
    kept = [line for _, link in members if link is not None and (line := _mended(link, response)) is not None]
    fix = f"{FIELD}: {', '.join(kept)}" if kept else removal(FIELD)
    for rule, text, link in broken.values():
        target = "" if link is None else link.target[:120]
        destination = "" if link is None else (link.parameters.get("as") or "")[:80]
        yield rule.found(text, member=text[:80], target=target, destination=destination, fix=fix)


def _rules_broken(link: Link | None, response: Response) -> Iterator[Rule]:
    if link is None:
        yield MALFORMED
        return
    relations = link.relations
    if not relations:
        yield NO_RELATION
    if "preload" in relations:
        destination = (link.parameters.get("as") or "").lower()
        if not destination:
            yield NO_DESTINATION
        elif destination not in DESTINATIONS:
            yield UNKNOWN_DESTINATION
        elif destination == "font" and "crossorigin" not in link.parameters:
            yield FONT_TWICE
    if _is_insecure(link, response):
        yield INSECURE


def _is_insecure(link: Link, response: Response) -> bool:
    return (
        response.is_https
        and response.has_content
        and not FETCHED.isdisjoint(link.relations)
        and link.target[:5].lower() == "http:"
        and not is_local(host_of(link.target.lower()))
    )


def _mended(link: Link, response: Response) -> str | None:
    """The link without a fault; None where only its removal mends it."""
    if not link.relations:
        return None
    target = f"https{link.target[4:]}" if _is_insecure(link, response) else link.target
    parameters = dict(link.parameters)
    if "preload" in link.relations:
        destination = (parameters.get("as") or "").lower()
        if destination not in DESTINATIONS:
            ending = target.split("?", 1)[0].split("#", 1)[0].rpartition(".")[2].lower()
            destination = BY_ENDING.get(ending, "")
        if not destination:
            return None
        parameters["as"] = destination
        if destination == "font":
            parameters.setdefault("crossorigin", None)
    return str(Link(target, parameters))


CHECK = Check(
    id="link",
    title="Link",
    why="Has browsers fetch early what a page needs; a link that they cannot use costs and gives nothing.",
    reference="RFC 8288",
    rules=(MALFORMED, NO_RELATION, NO_DESTINATION, UNKNOWN_DESTINATION, FONT_TWICE, INSECURE),
    run=run,
    needs=(FIELD,),
)
