"""The charset of Content-Type (WHATWG Encoding and HTML section 4.2.5.4): in what encoding a text is written.

Only text is judged: of JSON and images browsers pass over it.
"""

from collections.abc import Iterator

from workers.check import Check, Rule
from workers.checks.content_type.mended import FIELD, is_nearly_utf_8, is_text, mended_line, read_type
from workers.model import Finding
from workers.response import Response
from workers.syntax.encodings import find_encoding
from workers.syntax.media_types import LIMIT
from workers.syntax.verbatim import as_sent

ENCODING = "https://encoding.spec.whatwg.org/"
HTML = "https://html.spec.whatwg.org/multipage/semantics.html#character-encoding-declaration"
UNREAD, UNTOLD = ": unless its first 1,024 bytes tell it,", ", nor do its first 1,024 bytes tell it:"
PROSE = "Write the text in UTF-8, and send charset=utf-8 with it"  # the header alone would garble it

MISSING = Rule(
    id="charset-missing",
    severity="info",
    field=FIELD,
    message="The page's type has no charset{page} it is guessed.",
    why="A page that is read in another encoding than it was written in can have markup where text was.",
    fix=f"{FIELD}: text/html; charset=utf-8",
    reference=HTML,
)
UNKNOWN = Rule(
    id="charset-unknown",
    severity="low",
    field=FIELD,
    message="No browser knows the charset {charset}, so the encoding is guessed.",
    why="Browsers know the labels of the Encoding Standard and no others; databases' names are none.",
    fix=PROSE,
    reference=f"{ENCODING}#names-and-labels",
)
UTF_7 = Rule(
    id="charset-utf-7",
    severity="medium",
    field=FIELD,
    message="The text is declared to be UTF-7, in which markup can hide from every filter.",
    why="Old browsers decode it, and +ADw-script+AD4- becomes a script; today's ignore the label.",
    fix=f"{FIELD}: text/html; charset=utf-8",
    reference="https://html.spec.whatwg.org/multipage/parsing.html#character-encodings",
)
UTF_16 = Rule(
    id="charset-utf-16",
    severity="low",
    field=FIELD,
    message="The text is declared to be UTF-16, which is no superset of ASCII.",
    why="What is harmless text in the one reading can be markup in the other; filters look at one of them.",
    fix=PROSE,
    reference=f"{ENCODING}#security-background",
)
STATEFUL = Rule(
    id="charset-iso-2022-jp",
    severity="low",
    field=FIELD,
    message="The text is declared to be ISO-2022-JP, whose escape sequences change the meaning of bytes.",
    why="Text that an attacker supplies can switch it, so that a backslash or quote after it counts no more.",
    fix=PROSE,
    reference=f"{ENCODING}#iso-2022-jp",
)
REPLACED = Rule(
    id="charset-refused",
    severity="low",
    field=FIELD,
    message="Browsers refuse the encoding {charset}: all they show is one replacement character.",
    why="It was abused to hide markup, and no browser decodes it any more.",
    fix=PROSE,
    reference=f"{ENCODING}#replacement",
)
LEGACY = Rule(
    id="charset-legacy",
    severity="info",
    field=FIELD,
    message="The text is declared to be {encoding}; pages are to be written in UTF-8.",
    why="Forms and links of such pages lose what the encoding has no sign for.",
    fix=PROSE,
    reference=HTML,
)


def run(response: Response) -> Iterator[Finding]:
    sent = response.combined(FIELD) or ""
    if not response.has_content or len(sent) > LIMIT:
        return
    media_type = read_type(response)
    if media_type is None or not is_text(media_type.essence):
        return
    charset = media_type.charset
    if charset is None:
        if media_type.essence == "text/html":  # XML tells its own, others go by the page that loads them
            yield from _judge_page(response, sent)
        return
    encoding = find_encoding(charset)
    rule = _rule(charset, encoding)
    if rule is not None:
        fix = mended_line(response) if encoding is None and is_nearly_utf_8(charset) else None
        yield rule.found(_spelt(charset, sent), charset=charset, encoding=encoding, fix=fix)


def _spelt(charset: str, sent: str) -> str:
    quoted = as_sent(f'charset="{charset}"', sent)
    return quoted if quoted in sent else as_sent(f"charset={charset}", sent)


def _judge_page(response: Response, sent: str) -> Iterator[Finding]:
    tells = response.tells_encoding
    if not tells:
        page = UNREAD if tells is None else UNTOLD
        yield MISSING.found(as_sent("text/html", sent), page=page, fix=mended_line(response))


def _rule(charset: str, encoding: str | None) -> Rule | None:
    if encoding is None:
        is_utf_7 = charset.strip(" \t").lower().endswith(("utf-7", "utf7"))
        return UTF_7 if is_utf_7 else UNKNOWN
    if encoding == "UTF-8":
        return None
    special = {"UTF-16LE": UTF_16, "UTF-16BE": UTF_16, "ISO-2022-JP": STATEFUL, "replacement": REPLACED}
    return special.get(encoding, LEGACY)


CHECK = Check(
    id="charset",
    title="The charset of text",
    why="Text that is read in another encoding than it was written in is garbled, or turns into markup.",
    reference=HTML,
    rules=(MISSING, UNKNOWN, UTF_7, UTF_16, STATEFUL, REPLACED, LEGACY),
    run=run,
)
