"""Content-Encoding (RFC 9110 section 8.4): how the content is packed, and whether browsers can unpack it."""

from collections.abc import Iterator
from typing import Final

from workers.check import Check, Rule, removal
from workers.model import Finding
from workers.response import Response

FIELD = "Content-Encoding"
LIMIT: Final = 1_024  # characters judged: a server writes a word or two
UNPACKED = frozenset({"br", "dcb", "dcz", "deflate", "gzip", "x-gzip", "zstd"})  # by today's browsers
# The rest of IANA's registry of content codings: for programs that have agreed on them.
REGISTERED = frozenset({"aes128gcm", "compress", "exi", "pack200-gzip", "x-compress"})

UNKNOWN = Rule(
    id="content-encoding-unknown",
    severity="low",
    field=FIELD,
    message="{name} is no content coding; clients that heed it cannot read the content.",
    why="The field names how the content is packed: character sets and transfer codings have their own.",
    fix=removal(FIELD),
    reference="RFC 9110 section 8.4.1",
)
UNSUPPORTED = Rule(
    id="content-encoding-unsupported",
    severity="low",
    field=FIELD,
    message="No browser unpacks {name}.",
    why="No browser asks for it in Accept-Encoding, either.",
    fix="Pack with gzip, br or zstd, as the request's Accept-Encoding allows",
    reference="RFC 9110 section 12.5.3",
)
IDENTITY = Rule(
    id="content-encoding-identity",
    severity="info",
    field=FIELD,
    message="identity says that the content is not packed; it is not to be sent here.",
    why="It is a word of Accept-Encoding; some clients take it for a coding that they do not know.",
    fix=removal(FIELD),
    reference="RFC 9110 section 8.4.1",
)
TWICE = Rule(
    id="content-encoding-twice",
    severity="low",
    field=FIELD,
    message="{name} is named more than once: either the content was packed twice, or it is told wrong.",
    why="A server and a proxy that both pack, or both say so, cost time or break the page.",
    fix="Let one layer alone pack the content",
    reference="RFC 9110 section 8.4",
)


def run(response: Response) -> Iterator[Finding]:
    value = response.combined(FIELD)
    if value is None:
        return
    codings = [part.strip(" \t").lower() for part in value[:LIMIT].split(",")]
    codings = [coding for coding in codings if coding]
    repeated = next((coding for coding in codings if codings.count(coding) > 1), None)
    if repeated is not None:
        yield TWICE.found(value, name=repeated)
    right = [coding for coding in codings if coding in UNPACKED or coding in REGISTERED]
    fix = f"{FIELD}: {', '.join(right)}" if right else removal(FIELD)
    for coding in dict.fromkeys(codings):
        if coding == "identity":
            yield IDENTITY.found(value, fix=fix)
        elif coding in REGISTERED:
            yield UNSUPPORTED.found(value, name=coding)
        elif coding not in UNPACKED:
            yield UNKNOWN.found(value, name=coding, fix=fix)
            return


CHECK = Check(
    id="content-encoding",
    title="Content-Encoding",
    why="Content that is packed otherwise than it says cannot be read.",
    reference="RFC 9110 section 8.4",
    rules=(UNKNOWN, UNSUPPORTED, IDENTITY, TWICE),
    run=run,
    needs=(FIELD,),
)
