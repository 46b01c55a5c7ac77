"""ETag (RFC 9110 section 8.8.3): the mark by which a cache asks whether it still has the newest version."""

import re
from collections.abc import Iterator
from typing import Final

from workers.check import Check, Rule, removal
from workers.model import Finding
from workers.response import Response

FIELD = "ETag"
LIMIT: Final = 4_096  # characters judged: no tag is longer
LENGTH_LIMIT: Final = 512  # characters of a tag that a fix repeats

_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*+"')
_WEAK = re.compile(r"\s*[Ww]/")
_OUTSIDE = re.compile(r"[^\x21\x23-\x7e\x80-\xff]+")
# Apache's FileETag of old: inode, size and time of change in microseconds, which since 2005 has 13 digits.
_INODE = re.compile(r'"[0-9a-f]{1,16}-[0-9a-f]{1,16}-[45][0-9a-f]{12}(?:[;-][a-z]+)?"')

UNQUOTED = Rule(
    id="etag-unquoted",
    severity="low",
    field=FIELD,
    message="The entity tag is not in quotes, so caches and servers do not find it equal to itself.",
    why="It is compared as a whole, quotes included; what one layer adds another misses.",
    fix="Put the tag in double quotes",
    reference="RFC 9110 section 8.8.3",
)
WEAK_SPELLING = Rule(
    id="etag-weak-spelling",
    severity="low",
    field=FIELD,
    message="The mark of a weak entity tag is W/ in capitals; this one is none.",
    why="It is case-sensitive, so the tag is malformed and is not used.",
    fix='Write W/"…"',
    reference="RFC 9110 section 8.8.3",
)
MALFORMED = Rule(
    id="etag-malformed",
    severity="low",
    field=FIELD,
    message="The value is no entity tag: it has characters that none may have, or quotes out of place.",
    why="A tag that clients cannot send back saves no transfer.",
    fix='Send "…" without quotes, spaces or control characters in it',
    reference="RFC 9110 section 8.8.3",
)
REPEATED = Rule(
    id="etag-repeated",
    severity="low",
    field=FIELD,
    message="ETag was sent {count} times; a version has one.",
    why="Which one clients send back is up to them.",
    fix="Send the field once",
    reference="RFC 9110 section 8.8.3",
)
INODE = Rule(
    id="etag-tells-inode",
    severity="info",
    field=FIELD,
    message="The entity tag looks like Apache's of old, which tells the file's inode number.",
    why="It helps attacks on file handles, and differs between servers that serve the same file.",
    fix="Set FileETag MTime Size",
    reference="https://httpd.apache.org/docs/2.4/mod/core.html#fileetag",
)


def run(response: Response) -> Iterator[Finding]:
    if not response.ask(_is_sound):
        yield from _judge(response)


def _is_sound(response: Response) -> bool:
    """Whether there is one tag, and no cause to be told of it, as with most."""
    values = response.values(FIELD)
    return len(values) == 1 and _TAG.fullmatch(values[0]) is not None and _INODE.fullmatch(values[0]) is None


def _judge(response: Response) -> Iterator[Finding]:
    values = response.values(FIELD)
    if not values or len(values[0]) > LIMIT:
        return
    value = values[0]
    if len(set(values)) > 1:
        yield REPEATED.found(", ".join(values[:2]), count=len(values), fix=_mended(value))
    if _TAG.fullmatch(value):
        if _INODE.fullmatch(value):
            yield INODE.found(value)
    elif value[:3] == 'w/"' and _TAG.fullmatch(value[2:]):
        yield WEAK_SPELLING.found(value, fix=_mended(value))
    elif '"' not in value and value and not _OUTSIDE.search(value):
        yield UNQUOTED.found(value, fix=_mended(value))
    else:
        yield MALFORMED.found(value, fix=_mended(value))


def _mended(value: str) -> str:
    """The tag with its quotes in place and without what none may have; its removal where nothing is left."""
    if _TAG.fullmatch(value) and len(value) <= LENGTH_LIMIT:
        return f"{FIELD}: {value}"
    weak = _WEAK.match(value)
    tag = _OUTSIDE.sub("", value[weak.end() if weak else 0 :][:LENGTH_LIMIT])
    return f'{FIELD}: {"W/" if weak else ""}"{tag}"' if tag else removal(FIELD)


CHECK = Check(
    id="entity-tag",
    title="ETag",
    why="Spares a transfer where nothing has changed, if it is written so that it can be sent back.",
    reference="RFC 9110 section 8.8.3",
    rules=(UNQUOTED, WEAK_SPELLING, MALFORMED, REPEATED, INODE),
    run=run,
    needs=(FIELD,),
)
