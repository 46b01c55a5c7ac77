"""Heads that leave the grammar (RFC 9112 sections 2 to 5): what the parser took all the same, by its names.

Two recipients that read one head differently are how responses are split and caches poisoned; so what is
harmless to look at is not harmless to send. Servers and proxies write the head: no field's value mends it.
"""

from collections.abc import Iterator
from typing import Final

from workers.check import Check, Rule
from workers.model import Finding, Severity
from workers.response import Response

HEAD: Final = "head"  # where no one field is to blame
SPLITTING: Final = (
    "Where one recipient reads it otherwise than the next, a response can be split or a cache poisoned."
)
REMEDY: Final = "Have whatever writes the head write it by the grammar, and refuse such bytes in values"
NAMED_LIMIT: Final = 5
SEARCHED_LIMIT: Final = 200  # fields

# Fields in which other checks tell of bytes beyond ASCII, each with its own way out.
_ELSEWHERE: Final = frozenset({"content-disposition", "content-security-policy", "location", "set-cookie"})


def _rule(rule_id: str, severity: Severity, message: str, reference: str, why: str = SPLITTING) -> Rule:
    return Rule(
        id=rule_id,
        severity=severity,
        field=HEAD,
        message=message,
        why=why,
        fix=REMEDY,
        reference=reference,
    )


BY_DEFECT: Final = {
    "leading-blank-line": _rule(
        "head-blank-line-first",
        "low",
        "A blank line comes before the status line.",
        "RFC 9112 section 2.2",
    ),
    "bare-lf": _rule(
        "head-bare-lf", "low", "Some lines of the head end in LF without CR.", "RFC 9112 section 2.2"
    ),
    "bare-cr": _rule(
        "head-bare-cr", "medium", "The head holds a CR that ends no line.", "RFC 9112 section 2.2"
    ),
    "nul": _rule("head-nul", "medium", "The head holds a NUL.", "RFC 9110 section 5.5"),
    "control-character": _rule(
        "head-control-character", "low", "The head holds control characters.", "RFC 9110 section 5.5"
    ),
    "missing-reason-space": _rule(
        "status-line-without-space",
        "info",
        "The status line ends after the code, without the space before the reason.",
        "RFC 9112 section 4",
        why="The reason may be left out, its space may not: strict recipients refuse the response.",
    ),
    "obs-fold": _rule(
        "head-folded-line",
        "low",
        "A field's value goes on in the next line, which is obsolete.",
        "RFC 9112 section 5.2",
    ),
    "leading-white-space": _rule(
        "head-white-space-first",
        "medium",
        "White space comes before the first field.",
        "RFC 9112 section 2.2",
    ),
    "missing-colon": _rule(
        "head-line-without-colon", "medium", "A line of the head has no colon.", "RFC 9112 section 5"
    ),
    "space-before-colon": _rule(
        "head-space-before-colon",
        "medium",
        "White space stands between a field's name and its colon.",
        "RFC 9112 section 5.1",
    ),
    "empty-name": _rule("field-name-empty", "low", "A field has no name.", "RFC 9110 section 5.1"),
    "invalid-name": _rule(
        "field-name-invalid",
        "low",
        "A field's name holds characters that no name can.",
        "RFC 9110 section 5.6.2",
        why="Recipients drop the field or refuse the response; what it should have done is not done.",
    ),
}
NON_ASCII = Rule(
    id="field-value-non-ascii",
    severity="info",
    field="Warning",
    message="{names}: bytes beyond ASCII were sent, which have no defined meaning in a field.",
    why="Some take them for UTF-8, some for Latin-1, some drop them.",
    fix="Encode the text (RFC 8187 for parameters), or keep to ASCII",
    reference="RFC 9110 section 5.5",
)


def run(response: Response) -> Iterator[Finding]:
    for defect in response.defects:
        rule = BY_DEFECT.get(defect)
        if rule is not None:
            yield rule.found(_evidence(defect, response))
    fields = response.lasting if response.passes_plainly else response.fields
    beyond = [
        (name, value)
        for name, value in fields[:SEARCHED_LIMIT]
        if not value.isascii() and name.lower() not in _ELSEWHERE
    ]
    if beyond:
        names = ", ".join(list(dict.fromkeys(name for name, _ in beyond))[:NAMED_LIMIT])
        name, value = beyond[0]
        yield NON_ASCII.found(value, field=name, names=names)


def _evidence(defect: str, response: Response) -> str | None:
    """The part of the head that shows it, where the parser left it in a name or value."""
    for name, value in response.fields[:SEARCHED_LIMIT]:
        if defect == "nul" and "\0" in value:
            return f"{name}: {value}"
        if defect == "bare-cr" and "\r" in value:
            return f"{name}: {value}"
        if defect == "invalid-name" and not _is_token(name):
            return name
    return None


def _is_token(name: str) -> bool:
    return all(char.isalnum() or char in "!#$%&'*+-.^_`|~" for char in name) and name.isascii()


CHECK = Check(
    id="field-grammar",
    title="The head's grammar",
    why="A head that two recipients read differently is the raw material of response splitting.",
    reference="RFC 9112 section 2.2",
    rules=(*BY_DEFECT.values(), NON_ASCII),
    run=run,
)
