"""X-Content-Type-Options (WHATWG Fetch section 3.6): whether browsers may guess what a response is."""

from collections.abc import Iterator

from workers.check import Check, Rule
from workers.model import Finding
from workers.response import Response

FIELD = "X-Content-Type-Options"
RECOMMENDED = f"{FIELD}: nosniff"
SPECIFICATION = "https://fetch.spec.whatwg.org/#x-content-type-options-header"
# What these types are is not guessed into something that runs (WHATWG MIME Sniffing section 7).
INERT_TYPES = ("image/", "audio/", "video/", "font/")

MISSING = Rule(
    id="content-type-options-missing",
    severity="low",
    field=FIELD,
    message="Without X-Content-Type-Options: nosniff, browsers may take the content for another type.",
    why="Text, JSON or an upload that is read as a script or a page runs in the site's name.",
    fix=RECOMMENDED,
    reference=SPECIFICATION,
)
INVALID = Rule(
    id="content-type-options-invalid",
    severity="low",
    field=FIELD,
    message="The first value is not nosniff, so browsers ignore the header.",
    why="nosniff is the only value there is, and only the first of a list is looked at.",
    fix=RECOMMENDED,
    reference="https://fetch.spec.whatwg.org/#determine-nosniff",
)


def run(response: Response) -> Iterator[Finding]:
    value = response.combined(FIELD)
    if value is None:
        if response.has_content and not response.media_type.startswith(INERT_TYPES):
            yield MISSING.found()
        return
    # A form feed around it is let pass too: so do browsers in web-platform-tests.
    if value.split(",", 1)[0].strip(" \t\f").lower() != "nosniff":
        yield INVALID.found(value)


CHECK = Check(
    id="x-content-type-options",
    title="X-Content-Type-Options",
    why="Keeps browsers from guessing that something harmless is a script or a page.",
    reference=SPECIFICATION,
    rules=(MISSING, INVALID),
    run=run,
)
