"""How long the content is (RFC 9112 section 6): Content-Length and Transfer-Encoding that contradict.

Where two recipients disagree on where a response ends, what comes next is taken for another response.
"""

import re
from collections.abc import Iterator
from typing import Final

from workers.check import Check, Rule, removal
from workers.model import Finding
from workers.response import Response

LENGTH: Final = "Content-Length"
CODING: Final = "Transfer-Encoding"
LIMIT: Final = 1_024  # characters of either field: there is nothing to say in more
SMUGGLING: Final = (
    "Recipients that decide differently where the response ends take its rest for another response, "
    "which an attacker may have written."
)
_DIGITS = re.compile(r"[0-9]+")
_WITHOUT_CONTENT: Final = frozenset({204})  # RFC 9110 section 8.6 forbids it there, and in 1xx

DIFFERENT = Rule(
    id="content-length-conflicting",
    severity="medium",
    field=LENGTH,
    message="Content-Length was sent with different values.",
    why=SMUGGLING,
    fix="Send the one length that is right",
    reference="RFC 9112 section 6.3",
)
INVALID = Rule(
    id="content-length-invalid",
    severity="medium",
    field=LENGTH,
    message="Content-Length is no number of bytes.",
    why=SMUGGLING,
    fix="Send the length as decimal digits",
    reference="RFC 9110 section 8.6",
)
BOTH = Rule(
    id="content-length-beside-transfer-encoding",
    severity="medium",
    field=LENGTH,
    message="Content-Length was sent beside Transfer-Encoding.",
    why=SMUGGLING,
    fix=removal(LENGTH),
    reference="RFC 9112 section 6.2",
)
NOT_CHUNKED = Rule(
    id="transfer-encoding-not-chunked",
    severity="low",
    field=CODING,
    message="The last transfer coding is not chunked: only the connection's end tells the response's.",
    why="A response that is cut short looks whole.",
    fix=f"{CODING}: chunked",
    reference="RFC 9112 section 6.3",
)
REPEATED = Rule(
    id="transfer-encoding-repeated",
    severity="medium",
    field=CODING,
    message="Transfer-Encoding names chunked more than once.",
    why=SMUGGLING,
    fix=f"{CODING}: chunked",
    reference="RFC 9112 section 6.1",
)
UNWANTED = Rule(
    id="transfer-encoding-without-content",
    severity="low",
    field=CODING,
    message="Transfer-Encoding was sent with the status {status}, which has no content.",
    why=SMUGGLING,
    fix=removal(CODING),
    reference="RFC 9112 section 6.1",
)
LENGTH_UNWANTED = Rule(
    id="content-length-without-content",
    severity="low",
    field=LENGTH,
    message="Content-Length was sent with the status {status}, which has no content.",
    why=SMUGGLING,
    fix=removal(LENGTH),
    reference="RFC 9110 section 8.6",
)


def run(response: Response) -> Iterator[Finding]:
    length, coding = response.combined(LENGTH), response.combined(CODING)
    if length is not None:
        yield from _judge_length(response, length[:LIMIT])
        if coding is not None:
            yield BOTH.found(length)
    if coding is None:
        return
    if response.status in _WITHOUT_CONTENT:
        yield UNWANTED.found(coding, status=response.status)
        return
    codings = [part.strip(" \t").lower() for part in coding[:LIMIT].split(",")]
    if codings.count("chunked") > 1:
        yield REPEATED.found(coding)
    if codings[-1] != "chunked":
        yield NOT_CHUNKED.found(coding)


def _judge_length(response: Response, length: str) -> Iterator[Finding]:
    if response.status in _WITHOUT_CONTENT:
        yield LENGTH_UNWANTED.found(length, status=response.status)
        return
    given = dict.fromkeys(part.strip(" \t") for part in length.split(","))
    if not all(_DIGITS.fullmatch(part) for part in given):
        yield INVALID.found(length)
    elif len(given) > 1:
        yield DIFFERENT.found(length)


CHECK = Check(
    id="message-length",
    title="Where the response ends",
    why="Contradictions about a response's length are what response smuggling is made of.",
    reference="RFC 9112 section 6",
    rules=(DIFFERENT, INVALID, BOTH, NOT_CHUNKED, REPEATED, UNWANTED, LENGTH_UNWANTED),
    run=run,
)
