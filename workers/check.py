"""The frame of a check: the rules it can find broken, and the pure function that looks for them.

A check is one module under `workers/checks/` with a `CHECK`; `workers.registry` finds it there.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from workers.model import Finding, Severity
from workers.response import Response

EVIDENCE_LIMIT: Final = 300  # characters: enough to recognise a value by, small enough for a table
MESSAGE_LIMIT: Final = 500  # characters: facts of a hostile value go into it
PLACE_LIMIT: Final = 200  # characters of a URL that a message names: host and path, of most the whole
_LINE: Final = re.compile(r"[A-Za-z-]+: .")


class Rule(Struct, frozen=True, kw_only=True):
    """One thing that can be found, and all that is to be said of it whatever the response.

    `message` is a `str.format` template over the facts given to `found`; `fix` is what mends it in
    general (a finding may carry a more exact one); `reference` is the specification's section.
    """

    id: str
    severity: Severity
    field: str
    message: str
    why: str
    fix: str | None
    reference: str

    def found(
        self,
        evidence: str | None = None,
        *,
        fix: str | None = None,
        field: str | None = None,
        **facts: object,
    ) -> Finding:
        """A finding of this rule on one response, about `field` where the rule is about several fields.

        `evidence` is cut to `EVIDENCE_LIMIT` characters.
        """
        # Without names, in the order of the struct: half of the cost of making it.
        return Finding(
            self.id,
            self.severity,
            self.field if field is None else field,
            _shorten(self.message.format(**facts), MESSAGE_LIMIT) if facts else self.message,
            None if evidence is None else _shorten(evidence, EVIDENCE_LIMIT),
            self.fix if fix is None else fix,
            self.reference,
        )


class Check(Struct, frozen=True, kw_only=True):
    """One header or concern: what it looks for and why, the rules it judges by, and how it looks.

    A response with none of the fields that `needs` names is not looked at: nothing would be found. Where it
    names none, every response is. A policy of the page's own counts as the field, and so do the origin that a
    preflight was told may read and the cookies that were set on the way.
    """

    id: str
    title: str
    why: str
    reference: str
    rules: tuple[Rule, ...]
    run: Callable[[Response], Iterator[Finding]]
    needs: tuple[str, ...] = ()


def is_line(fix: str) -> bool:
    """Whether a fix is a header line to send, as one can be pasted, and no sentence."""
    return _LINE.match(fix) is not None


def removal(field: str) -> str:
    """The fix of a field that is best not sent at all: the one form of it, so that programs can apply it."""
    return f"Remove the field {field}"


def placed(finding: Finding, what: str, url: str) -> Finding:
    """The finding with the place that a reader finds it at, where that is a hop on the way to the response:
    `what` was done there tells the end of its message."""
    place = f" ({what} on the way, at {_shorten(url, PLACE_LIMIT)})."
    message = _shorten(finding.message.removesuffix("."), MESSAGE_LIMIT - len(place))
    return replace(finding, message=message + place)


def _shorten(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
