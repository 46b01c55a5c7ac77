"""Content-Language (RFC 9110 section 8.5): for readers of which languages the content is."""

import re
from collections.abc import Iterator
from typing import Final

from workers.check import Check, Rule, removal
from workers.model import Finding
from workers.response import Response

FIELD = "Content-Language"
LIMIT: Final = 1_024  # characters judged: no content is for so many languages
MANY: Final = 20

# RFC 5646 section 2.1, without the tags that were registered before it. Its input is short.
_TAG = re.compile(
    r"""(?:[a-z]{2,3}(?:-[a-z]{3}){0,3} | [a-z]{4,8})
        (?:-[a-z]{4})?
        (?:-(?:[a-z]{2}|[0-9]{3}))?
        (?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*
        (?:-[0-9a-wyz](?:-[a-z0-9]{2,8})+)*
        (?:-x(?:-[a-z0-9]{1,8})+)?
        | x(?:-[a-z0-9]{1,8})+""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_OLDER = frozenset({"i-default", "i-klingon", "i-navajo", "i-lux", "zh-min-nan", "en-gb-oed", "sgn-be-fr"})
_LENGTH_LIMIT: Final = 64  # RFC 5646 section 4.4.1 asks for no more than 35
_WIDELY_USED: Final = re.compile(r"[a-z]{2,3}_[a-z]{2}(?:\.[a-z0-9\-]+)?", re.IGNORECASE)

MALFORMED = Rule(
    id="content-language-malformed",
    severity="low",
    field=FIELD,
    message="{tag} is no language tag, so it tells browsers and search engines nothing.",
    why="Tags are written as en, de-CH or zh-Hant: with hyphens, and without a charset.",
    fix=removal(FIELD),
    reference="RFC 5646 section 2.1",
)


def run(response: Response) -> Iterator[Finding]:
    value = response.combined(FIELD)
    if value is None or len(value) > LIMIT:
        return
    tags = [part.strip(" \t") for part in value.split(",")]
    wrong = next((tag for tag in tags if tag and not _is_tag(tag)), None)
    if wrong is None and any(tags):
        return
    meant = [tag for tag in map(_meant, tags) if _is_tag(tag)][:MANY]
    fix = f"{FIELD}: {', '.join(dict.fromkeys(meant))}" if meant else removal(FIELD)
    yield MALFORMED.found(wrong or value, tag=wrong or "Nothing", fix=fix)


def _is_tag(text: str) -> bool:
    return len(text) <= _LENGTH_LIMIT and (_TAG.fullmatch(text) is not None or text.lower() in _OLDER)


def _meant(tag: str) -> str:
    """The tag that a locale's name (`de_CH.UTF-8`) stands for."""
    return tag.split(".", 1)[0].replace("_", "-") if _WIDELY_USED.fullmatch(tag) else tag


CHECK = Check(
    id="content-language",
    title="Content-Language",
    why="Browsers, readers' aids and search engines choose voice, spelling and results by it.",
    reference="RFC 9110 section 8.5",
    rules=(MALFORMED,),
    run=run,
    needs=(FIELD,),
)
