"""How a client finds where a message ends (RFC 9112 section 6, RFC 9110 section 8.6).

Where two recipients answer that differently, one of them reads content as the next message: that is how
requests and responses are smuggled. What was malformed in the head itself is in the hop's defects.
"""

from collections.abc import Iterator
from typing import Final

from workers.check import Check, Rule, removal
from workers.model import Finding
from workers.response import Response
from workers.syntax.cache_control import parse_seconds as parse_digits

LENGTH, CODING, RANGE = "Content-Length", "Transfer-Encoding", "Content-Range"
NO_CONTENT: Final = 204
PARTIAL: Final = 206
UNSATISFIABLE: Final = 416
INTERIM = range(100, 200)
LIMIT: Final = 1_024  # characters judged of a list: a server writes a number, or a word
CODINGS = frozenset({"chunked", "compress", "deflate", "gzip", "x-compress", "x-gzip"})

BOTH = Rule(
    id="content-length-with-transfer-encoding",
    severity="medium",
    field=LENGTH,
    message="Content-Length and Transfer-Encoding were both sent; they can tell different ends.",
    why="A recipient that goes by the one and one that goes by the other disagree on where the message ends.",
    fix=removal(LENGTH),
    reference="RFC 9112 section 6.3",
)
LENGTH_MALFORMED = Rule(
    id="content-length-malformed",
    severity="medium",
    field=LENGTH,
    message="Content-Length is no number of octets; clients must drop the response, or guess its end.",
    why="It is digits and nothing else: no sign, no unit, no space.",
    fix="Send the number of octets, or leave the field to the server",
    reference="RFC 9112 section 6.3",
)
LENGTHS_DIFFER = Rule(
    id="content-length-conflicting",
    severity="medium",
    field=LENGTH,
    message="Several lengths were sent that differ: where the message ends depends on who reads it.",
    why="Clients must drop such a response; those that take one of the two can be fed a forged message.",
    fix="Let one layer alone set Content-Length",
    reference="RFC 9112 section 6.3",
)
LENGTH_REPEATED = Rule(
    id="content-length-repeated",
    severity="low",
    field=LENGTH,
    message="Content-Length was sent several times with the same number.",
    why="Recipients may drop such a response; two layers both set the field.",
    fix="Send the field once",
    reference="RFC 9110 section 8.6",
)
LENGTH_FORBIDDEN = Rule(
    id="content-length-without-content",
    severity="low",
    field=LENGTH,
    message="A response with status {status} has no content and must not have Content-Length.",
    why="Recipients that go by the field wait for content, or take the next response for it.",
    fix=removal(LENGTH),
    reference="RFC 9110 section 8.6",
)
CODING_FORBIDDEN = Rule(
    id="transfer-encoding-without-content",
    severity="low",
    field=CODING,
    message="A response with status {status} has no content and must not have Transfer-Encoding.",
    why="Recipients that go by the field wait for chunks, or take the next response for them.",
    fix=removal(CODING),
    reference="RFC 9112 section 6.1",
)
CODING_UNKNOWN = Rule(
    id="transfer-encoding-unknown",
    severity="low",
    field=CODING,
    message="{name} is no transfer coding, so the message cannot be read to its end.",
    why="Recipients that ignore what they do not know find another end than those that do not.",
    fix=f"{CODING}: chunked",
    reference="RFC 9112 section 7",
)
CHUNKED_TWICE = Rule(
    id="transfer-encoding-chunked-twice",
    severity="low",
    field=CODING,
    message="chunked is applied twice, which it must not be.",
    why="One layer decodes it once and hands on chunks as content.",
    fix=f"{CODING}: chunked",
    reference="RFC 9112 section 6.1",
)
NOT_CHUNKED = Rule(
    id="transfer-encoding-not-chunked-last",
    severity="low",
    field=CODING,
    message="chunked is not the last transfer coding, so the message ends only with the connection.",
    why="A response that was cut off then looks whole.",
    fix=f"{CODING}: chunked",
    reference="RFC 9112 section 6.3",
)
PARTIAL_UNSAID = Rule(
    id="partial-content-without-range",
    severity="low",
    field=RANGE,
    message="Status 206 says that this is a part, and no Content-Range says of what.",
    why="A client cannot put the part where it belongs, and a cache may take it for the whole.",
    fix="Send Content-Range, or status 200 with the whole content",
    reference="RFC 9110 section 15.3.7.1",
)
RANGE_POINTLESS = Rule(
    id="content-range-without-part",
    severity="info",
    field=RANGE,
    message="Content-Range means nothing with status {status}.",
    why="It belongs to 206, and to 416 to tell the whole length.",
    fix=removal(RANGE),
    reference="RFC 9110 section 14.4",
)


def run(response: Response) -> Iterator[Finding]:
    length, coding = response.combined(LENGTH), response.combined(CODING)
    bare = response.status == NO_CONTENT or response.status in INTERIM
    if length is not None:
        if bare:
            yield LENGTH_FORBIDDEN.found(length, status=response.status)
        elif coding is not None:
            yield BOTH.found(f"{length}, {CODING}: {coding}")
        else:
            yield from _judge_length(length)
    if coding is not None:
        if bare:
            yield CODING_FORBIDDEN.found(coding, status=response.status)
        else:
            yield from _judge_codings(coding)
    yield from _judge_range(response)


def _judge_length(value: str) -> Iterator[Finding]:
    lengths = [part.strip(" \t") for part in value[:LIMIT].split(",")]
    numbers = {parse_digits(length) for length in lengths}
    if None in numbers:
        yield LENGTH_MALFORMED.found(value)
    elif len(numbers) > 1:
        yield LENGTHS_DIFFER.found(value)
    elif len(lengths) > 1:
        yield LENGTH_REPEATED.found(value, fix=f"{LENGTH}: {lengths[0]}")


def _judge_codings(value: str) -> Iterator[Finding]:
    codings = [part.split(";", 1)[0].strip(" \t").lower() for part in value[:LIMIT].split(",")]
    codings = [coding for coding in codings if coding]
    unknown = next((coding for coding in codings if coding not in CODINGS), None)
    if unknown is not None or not codings:
        yield CODING_UNKNOWN.found(value, name=unknown or "Nothing")
    elif codings.count("chunked") > 1:
        yield CHUNKED_TWICE.found(value)
    elif codings[-1] != "chunked":
        yield NOT_CHUNKED.found(value)


def _judge_range(response: Response) -> Iterator[Finding]:
    ranges = response.values(RANGE)
    if response.status == PARTIAL:
        if not ranges and response.media_type != "multipart/byteranges":
            yield PARTIAL_UNSAID.found()
    elif ranges and response.status != UNSATISFIABLE:
        yield RANGE_POINTLESS.found(ranges[0], status=response.status)


CHECK = Check(
    id="message-framing",
    title="Where the message ends",
    why="Two readers that find different ends of a message can be made to take one message for two.",
    reference="RFC 9112 section 6",
    rules=(
        BOTH,
        LENGTH_MALFORMED,
        LENGTHS_DIFFER,
        LENGTH_REPEATED,
        LENGTH_FORBIDDEN,
        CODING_FORBIDDEN,
        CODING_UNKNOWN,
        CHUNKED_TWICE,
        NOT_CHUNKED,
        PARTIAL_UNSAID,
        RANGE_POINTLESS,
    ),
    run=run,
)
