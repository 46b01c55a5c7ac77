"""X-Robots-Tag (Google Search Central): what search engines shall not do with the response."""

import re
from collections.abc import Iterator

from workers.check import Check, Rule
from workers.model import Finding
from workers.response import Response
from workers.syntax.parameters import LIMIT

FIELD = "X-Robots-Tag"
REFERENCE = "https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag"
WORDS = frozenset(
    {
        "all", "follow", "index", "indexifembedded", "noai", "noarchive", "nocache", "nofollow", "noimageai",
        "noimageindex", "noindex", "noodp", "none", "nopreview", "nosnippet", "notranslate", "noydir",
    }
)  # fmt: skip
# Each with what may follow its colon; a date can hold commas, and ends what is read of the line.
VALUES = {
    "max-image-preview": re.compile(r"none|standard|large"),
    "max-snippet": re.compile(r"-?\d+", re.ASCII),
    "max-video-preview": re.compile(r"-?\d+", re.ASCII),
}
UNTIL = "unavailable_after"

UNKNOWN = Rule(
    id="robots-directive-unknown",
    severity="info",
    field=FIELD,
    message="No search engine is known to heed {name}.",
    why="Unknown directives are skipped: a page that was to stay out of the index may be in it.",
    fix=None,
    reference=f"{REFERENCE}#directives",
)
CONFLICTING = Rule(
    id="robots-directives-conflicting",
    severity="info",
    field=FIELD,
    message="{name} and its opposite are both asked for; search engines take the stricter one.",
    why="Two layers that both set the header hide each other's mistakes.",
    fix=None,
    reference=f"{REFERENCE}#combining",
)


def run(response: Response) -> Iterator[Finding]:
    values = response.values(FIELD)
    if not values or sum(map(len, values)) > LIMIT:
        return
    given: dict[str, None] = {}
    for value in values:
        for name, argument in _directives(value):
            pattern = VALUES.get(name)
            right = name in WORDS if pattern is None else pattern.fullmatch(argument) is not None
            if name and not right and name != UNTIL:
                yield UNKNOWN.found(
                    value, name=(f"{name}: {argument}" if argument else name)[:80], fix=_mended(values)
                )
                return
            given[name] = None
    for name in ("index", "follow"):
        if name in given and f"no{name}" in given:
            yield CONFLICTING.found(", ".join(values), name=name, fix=_mended(values))
            return


def _directives(value: str) -> Iterator[tuple[str, str]]:
    """Names in lower case with what follows their colon; a robot's name before them is left out."""
    text = value.lower()
    robot, colon, rest = text.partition(":")
    if colon and "," not in robot and robot.strip() not in VALUES and robot.strip() != UNTIL:
        text = rest
    for part in text.partition(UNTIL)[0].split(","):
        name, _, argument = part.partition(":")
        yield name.strip(), argument.strip()


def _mended(values: tuple[str, ...]) -> str | None:
    """The line of what is heeded; None where a robot is named or a date is, which one line does not keep."""
    text = ", ".join(values).lower()
    if UNTIL in text or any(":" in value.split(",", 1)[0] for value in values):
        return None
    kept: list[str] = []
    for name, argument in _directives(text):
        pattern = VALUES.get(name)
        if name in WORDS and f"no{name}" not in text:
            kept.append(name)
        elif pattern is not None and pattern.fullmatch(argument):
            kept.append(f"{name}:{argument}")
    return f"{FIELD}: {', '.join(dict.fromkeys(kept))}" if kept else None


CHECK = Check(
    id="x-robots-tag",
    title="X-Robots-Tag",
    why="Keeps a response out of search engines' indexes, in words that they know.",
    reference=REFERENCE,
    rules=(UNKNOWN, CONFLICTING),
    run=run,
    needs=(FIELD,),
)
