"""What one probe has found out: all that its metrics and its story are made of."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from msgspec import Struct, json

from service.errors import Code
from service.probe.module import Module
from service.probe.tls import Shown
from service.probe.witness import Lookup
from workers.model import Exchange, Failure, Gathered, Verdict
from workers.syntax.head import Head, parse_head


class Unmet(NamedTuple):
    """One thing that the module expects and that is not so: a `code` of a closed set, and a sentence."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """One probe. `verdict` is None where judging took too long. Times are seconds."""

    target: str
    name: str
    module: Module
    timeout_s: float
    duration_s: float
    gathered: Gathered
    verdict: Verdict | None
    seen: tuple[Lookup | Shown, ...]
    failures: tuple[Failure, ...]
    unmet: tuple[Unmet, ...]

    @property
    def lookups(self) -> list[Lookup]:
        return [one for one in self.seen if isinstance(one, Lookup)]

    @property
    def shown(self) -> Shown | None:
        """What the last hop's server has shown of itself; None where there was no handshake with it."""
        return self.seen[-1] if self.seen and isinstance(self.seen[-1], Shown) else None

    @property
    def success(self) -> bool:
        return not (self.failures or self.unmet)


class Answer(NamedTuple):
    """The response that the chain ended with."""

    exchange: Exchange
    head: Head

    def values(self, name: str) -> list[str]:
        """Each of the header's lines, its bytes read as UTF-8, as Go does: for matching."""
        return [
            value.encode("latin-1").decode("utf-8", "replace")
            for field, value in self.head.fields
            if field.lower() == name.lower()
        ]


def find_answer(gathered: Gathered) -> Answer | None:
    """The last response, where the chain ended with one: also one redirect too many is an answer."""
    failure = gathered.failure
    if not gathered.exchanges or (failure is not None and failure.code != Code.TOO_MANY_REDIRECTS):
        return None
    last = gathered.exchanges[-1]
    return Answer(last, parse_head(last.head))


class _Observatory(Struct):
    score: int | None = None


class _Report(Struct):
    gradable: bool = False
    observatory: _Observatory | None = None


class _Record(Struct):
    report: _Report | None = None


_RECORDS: Final = json.Decoder(_Record)


def read_score(verdict: Verdict) -> int | None:
    """The Observatory's score, which the record has and the verdict has not; None where there is none."""
    report = _RECORDS.decode(verdict.line).report
    if report is None or not report.gradable or report.observatory is None:
        return None
    return report.observatory.score
