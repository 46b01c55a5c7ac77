"""Content-Disposition (RFC 6266): whether content is shown or saved, and under which name.

That it was sent twice is told by `singletons`.
"""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from workers.check import Check, Rule
from workers.model import Finding
from workers.response import Response
from workers.syntax.content_disposition import LIMIT, Disposition, decode_extended, parse_disposition
from workers.syntax.verbatim import as_sent

FIELD = "Content-Disposition"
TYPES = frozenset({"attachment", "inline"})
NAME_LIMIT: Final = 255  # characters of a file's name
PLAIN, EXTENDED = "filename", "filename*"
_ENCODED_WORD = re.compile(r"=\?[^?]++\?[bq]\?", re.IGNORECASE)  # RFC 2047, which is for mail
_LOOSE_NAME = re.compile(r'filename[ \t]*+=[ \t]*+"?([^";]++)', re.IGNORECASE)
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f"\\/<>:|?*]+')
_ATTR = "!#$&+-.^_`|~"  # RFC 8187 section 3.2.1: what stands for itself

MALFORMED = Rule(
    id="content-disposition-malformed",
    severity="low",
    field=FIELD,
    message="A part of the value leaves the grammar; browsers ignore it, or cut the file's name short.",
    why="A name with spaces or brackets stands in quotes; a type comes first.",
    fix=f"{FIELD}: attachment",
    reference="RFC 6266 section 4.1",
)
UNKNOWN_TYPE = Rule(
    id="content-disposition-type-unknown",
    severity="info",
    field=FIELD,
    message="{type} is neither inline nor attachment; browsers treat it as attachment.",
    why="Old ones show what they do not know.",
    fix=f"{FIELD}: attachment",
    reference="RFC 6266 section 4.2",
)
REPEATED = Rule(
    id="content-disposition-parameter-repeated",
    severity="low",
    field=FIELD,
    message="The parameter {name} is given more than once, which makes the field invalid.",
    why="Browsers take one or the other, or ignore all of it and show what was to be saved.",
    fix=f"{FIELD}: attachment",
    reference="RFC 6266 section 4.1",
)
PATH = Rule(
    id="content-disposition-path",
    severity="low",
    field=FIELD,
    message="The file's name has a path: careless clients save it outside of the folder for downloads.",
    why="Browsers keep the last part alone; other programs have been made to overwrite files in this way.",
    fix=f"{FIELD}: attachment",
    reference="RFC 6266 section 4.3",
)
EXTENDED_MALFORMED = Rule(
    id="content-disposition-extended-malformed",
    severity="low",
    field=FIELD,
    message="filename* is no extended value, so browsers pass over it.",
    why="It is UTF-8'' and the percent-encoded name, without quotes.",
    fix=f"{FIELD}: attachment",
    reference="RFC 8187 section 3.2.1",
)
NOT_ASCII = Rule(
    id="content-disposition-name-not-ascii",
    severity="info",
    field=FIELD,
    message="filename has characters beyond ASCII, which browsers read in different encodings.",
    why="filename* says which encoding it is.",
    fix=f"{FIELD}: attachment",
    reference="RFC 6266 section 4.3",
)
ENCODED_WORD = Rule(
    id="content-disposition-encoded-word",
    severity="info",
    field=FIELD,
    message="filename is encoded as in mail, which most browsers do not decode.",
    why="RFC 2047 is for mail; filename* is what HTTP has.",
    fix="Send the name in filename*",
    reference="RFC 6266 section 4.3",
)


def run(response: Response) -> Iterator[Finding]:
    values = response.values(FIELD)
    if not values or len(values[0]) > LIMIT:
        return
    value = values[0]
    read = parse_disposition(value)
    found = list(_judge(value, read))
    if found:
        fix = _mended(value, read)
        for rule, evidence in found:
            facts = {"type": read.type, "name": evidence}
            spelt = as_sent(evidence, value)
            # a name that was decoded, or whose quotes were taken off, is not in the value as it is
            yield rule.found(
                spelt if spelt in value else value, fix=None if rule is ENCODED_WORD else fix, **facts
            )


def _judge(value: str, read: Disposition) -> Iterator[tuple[Rule, str]]:
    if not read.type or read.malformed:
        yield MALFORMED, read.malformed[0] if read.malformed else value
    elif read.type not in TYPES:
        yield UNKNOWN_TYPE, read.type
    if read.repeated:
        yield REPEATED, read.repeated[0]
    name, extended = read.parameters.get(PLAIN), read.parameters.get(EXTENDED)
    decoded = None if extended is None else decode_extended(extended)
    if extended is not None and decoded is None:
        yield EXTENDED_MALFORMED, extended
    with_path = next((given for given in (name, decoded) if given and re.search(r"[/\\]", given)), None)
    if with_path is not None:
        yield PATH, with_path
    if name is not None and _ENCODED_WORD.search(name):
        yield ENCODED_WORD, name
    elif name is not None and not name.isascii() and decoded is None:
        yield NOT_ASCII, name


def _mended(value: str, read: Disposition) -> str:
    """The type, and the name that was meant: in quotes, in ASCII, without a path; in filename* as it is."""
    kind = read.type if read.type in TYPES else "attachment"
    extended = read.parameters.get(EXTENDED)
    name = (None if extended is None else decode_extended(extended)) or read.parameters.get(PLAIN)
    if name is None:
        loose = _LOOSE_NAME.search(value)
        name = loose[1] if loose else ""
    elif extended is None or decode_extended(extended) is None:
        name = _as_utf_8(name)
    name = _UNSAFE.sub("", re.split(r"[/\\]", name.strip(" \t"))[-1])[:NAME_LIMIT]
    if not name.strip(". "):
        return f"{FIELD}: {kind}"
    plain = name.encode("ascii", errors="replace").decode().replace("?", "_")
    line = f'{FIELD}: {kind}; filename="{plain}"'
    return line if name.isascii() else f"{line}; filename*=UTF-8''{quote(name, safe=_ATTR)}"


def _as_utf_8(name: str) -> str:
    """Bytes that were read as Latin-1, as the UTF-8 that they are in most names."""
    try:
        return name.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return name


CHECK = Check(
    id="content-disposition",
    title="Content-Disposition",
    why="Keeps uploads from being shown as pages, if it is written so that browsers heed it.",
    reference="RFC 6266",
    rules=(MALFORMED, UNKNOWN_TYPE, REPEATED, PATH, EXTENDED_MALFORMED, NOT_ASCII, ENCODED_WORD),
    run=run,
    needs=(FIELD,),
)
