"""Content-Type (RFC 9110 section 8.3, WHATWG MIME Sniffing): what the content is, and who can tell.

In what encoding it is written is `charset`; the fix of both is `mended`.
"""

from collections.abc import Iterator

from workers.check import Check, Rule
from workers.checks.content_type.mended import FIELD, OLD_JAVASCRIPT, UNKNOWN_TYPES, mended_line, read_type
from workers.model import Finding
from workers.response import Response
from workers.syntax.media_types import LIMIT, MediaType, parse_media_type, split_values
from workers.syntax.verbatim import as_sent

SNIFFING = "https://mimesniff.spec.whatwg.org/"
SUCCESSFUL = range(200, 300)

MISSING = Rule(
    id="content-type-missing",
    severity="low",
    field=FIELD,
    message="No Content-Type was sent, so clients guess what the content is.",
    why="What is guessed to be a page runs its scripts in the site's name.",
    fix="Send the type of the content, as in Content-Type: text/html; charset=utf-8",
    reference="RFC 9110 section 8.3",
)
MALFORMED = Rule(
    id="content-type-malformed",
    severity="low",
    field=FIELD,
    message="The value is no media type, so clients guess what the content is.",
    why="A type is two words with a slash between; parameters come after semicolons.",
    fix="Send the type of the content, as in Content-Type: text/html; charset=utf-8",
    reference=f"{SNIFFING}#parsing-a-mime-type",
)
SEVERAL = Rule(
    id="content-type-conflicting",
    severity="low",
    field=FIELD,
    message="Several types were sent that differ; browsers take {essence}, others another.",
    why="A filter that goes by the first and a browser that goes by the last see different content.",
    fix="Send one type",
    reference="https://fetch.spec.whatwg.org/#concept-header-extract-mime-type",
)
PARAMETER_REPEATED = Rule(
    id="content-type-parameter-repeated",
    severity="low",
    field=FIELD,
    message="A parameter is given again with another value; browsers take the first.",
    why="Others may take the last.",
    fix="Give each parameter once",
    reference=f"{SNIFFING}#parsing-a-mime-type",
)
PARAMETER_DROPPED = Rule(
    id="content-type-parameter-malformed",
    severity="info",
    field=FIELD,
    message="A part of the value is no parameter, and browsers leave it out.",
    why='Parameters are name=value, without white space around "=".',
    fix="Write each parameter as name=value",
    reference=f"{SNIFFING}#parsing-a-mime-type",
)
UNKNOWN = Rule(
    id="content-type-unknown",
    severity="low",
    field=FIELD,
    message="{essence} says that the type is not known, so browsers guess it, a page included.",
    why="What is guessed to be a page runs its scripts in the site's name.",
    fix="Send the type of the content, or application/octet-stream",
    reference=f"{SNIFFING}#determining-the-computed-mime-type-of-a-resource",
)
OBSOLETE_JAVASCRIPT = Rule(
    id="content-type-javascript-obsolete",
    severity="info",
    field=FIELD,
    message="{essence} is obsolete; the type of JavaScript is text/javascript.",
    why="Browsers still run scripts of the old types; other programs need not know them.",
    fix=f"{FIELD}: text/javascript",
    reference="RFC 9239 section 6",
)
JSON_AS_PAGE = Rule(
    id="content-type-json-as-page",
    severity="low",
    field=FIELD,
    message="The URL ends in .json and the content is sent as HTML: browsers show it as a page.",
    why="Markup that somebody put into the data then runs in the site's name.",
    fix="Send the data as application/json",
    reference="RFC 8259 section 11",
)
BOUNDARY_MISSING = Rule(
    id="content-type-boundary-missing",
    severity="low",
    field=FIELD,
    message="The type {essence} lacks its boundary, so the parts cannot be told apart.",
    why="The parameter boundary is required of every multipart type.",
    fix="Give the boundary that stands between the parts",
    reference="RFC 2046 section 5.1.1",
)


def run(response: Response) -> Iterator[Finding]:
    if not response.has_content:
        return
    value = response.combined(FIELD)
    if value is None:
        if response.status in SUCCESSFUL and response.values("content-length") != ("0",):
            yield MISSING.found()
        return
    if len(value) > LIMIT:
        return
    if "," in value:
        yield from _judge_list(response, value)
    media_type = read_type(response)
    if media_type is None:
        yield from _judge_none(response, value)
    else:
        yield from _judge_type(response, value, media_type)


def _judge_type(response: Response, value: str, media_type: MediaType) -> Iterator[Finding]:
    essence = media_type.essence
    spelt = as_sent(essence, value)
    if media_type.repeated:
        yield PARAMETER_REPEATED.found(media_type.repeated[0], fix=mended_line(response))
    if media_type.dropped:
        yield PARAMETER_DROPPED.found(media_type.dropped[0], fix=mended_line(response))
    if essence in UNKNOWN_TYPES:
        yield UNKNOWN.found(spelt, essence=essence)
    elif essence in OLD_JAVASCRIPT:
        yield OBSOLETE_JAVASCRIPT.found(spelt, essence=essence, fix=mended_line(response))
    elif essence.startswith("multipart/") and "boundary" not in media_type.parameters:
        yield BOUNDARY_MISSING.found(spelt, essence=essence)
    elif essence == "text/html" and response.status in SUCCESSFUL and _is_of_json(response):
        yield JSON_AS_PAGE.found(response.url)


def _judge_list(response: Response, value: str) -> Iterator[Finding]:
    """Several values, or one with commas; the same type again with the same charset is no fault."""
    found = [parse_media_type(member) for member in split_values(value)]
    different = dict.fromkeys(str(media_type).lower() for media_type in found if media_type is not None)
    taken = read_type(response)
    if len(different) > 1 and taken is not None:
        yield SEVERAL.found(value, essence=taken.essence, fix=mended_line(response))


def _judge_none(response: Response, value: str) -> Iterator[Finding]:
    if any(parse_media_type(member) is not None for member in split_values(value)):
        yield UNKNOWN.found(value, essence="*/*")
    else:
        yield MALFORMED.found(value, fix=mended_line(response))


def _is_of_json(response: Response) -> bool:
    return not response.is_root and response.ask(_is_json_url)


def _is_json_url(response: Response) -> bool:
    return response.url.partition("#")[0].partition("?")[0].lower().endswith(".json")


CHECK = Check(
    id="content-type",
    title="Content-Type",
    why="Says what the content is; where it does not, browsers guess, and can be led to guess wrong.",
    reference="RFC 9110 section 8.3",
    rules=(
        MISSING,
        MALFORMED,
        SEVERAL,
        PARAMETER_REPEATED,
        PARAMETER_DROPPED,
        UNKNOWN,
        OBSOLETE_JAVASCRIPT,
        JSON_AS_PAGE,
        BOUNDARY_MISSING,
    ),
    run=run,
)
