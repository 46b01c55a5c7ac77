"""Two verdicts on one response, side by side: the Observatory's grade, and our own findings."""

from functools import lru_cache
from typing import Final

from workers import observatory
from workers.alike import Alike, Look
from workers.checks import was_sent_on_the_way
from workers.interstitial import recognise
from workers.interstitial_page import recognise_page
from workers.model import Gathered, Hop, Meta
from workers.registry import SELECTIONS_KEPT, select_checks
from workers.report import Draft, Judged
from workers.subject import Subject
from workers.syntax import known_heads
from workers.syntax.statuses import NOT_MODIFIED

UNCHANGED: Final = (
    "the answer is that nothing has changed (304): it has neither the page nor all of its header"
)


def judge(
    gathered: Gathered,
    hops: tuple[Hop, ...],
    evidence: observatory.Evidence | None = None,
    at_s: float | None = None,
) -> Judged | None:
    """The report on the chain's last response; None where nothing was to be checked.

    `evidence` is what was gathered elsewhere, and `at_s` when (None where nobody knows). Without
    evidence, both are of what was fetched.
    """
    if gathered.checks == "none":
        return None
    if evidence is None:
        at_s = gathered.started_at
    return _alike.judge(gathered.checks, Subject(gathered, hops, evidence, at_s))


def forget() -> None:
    """Judge what comes as if nothing like it had come before."""
    _alike.forget()
    known_heads.forget()


def read_meta(gathered: Gathered, hops: tuple[Hop, ...]) -> Meta | None:
    """What the page says in `<meta>`; None where no page was gathered, or it is none of HTML."""
    if not gathered.exchanges or gathered.exchanges[-1].body is None:
        return None
    found = observatory.read_meta_headers(observatory.read_gathered(gathered, hops))
    if found is observatory.NOT_GATHERED:
        return None
    return Meta(found.policies, found.referrer_policy)


def _looks_of(selection: str, subject: Subject) -> list[Look[Subject]]:
    """Raises UnknownCheckError. A policy in the page is judged as one in the header is, what a preflight was
    told as what the response says, and cookies of the hops before as its own; whether there are any is noted
    like any other question."""
    names = subject.names
    if subject.has_meta_policy:
        names |= {"content-security-policy"}
    if subject.preflight is not None:
        names |= {"access-control-allow-origin"}
    if was_sent_on_the_way(subject, "set-cookie"):
        names |= {"set-cookie"}
    looks, places = _finding(selection)
    due = places[""].union(*[places[name] for name in places.keys() & names])
    return [_refuse, _grade, *map(looks.__getitem__, sorted(due))]


@lru_cache(maxsize=SELECTIONS_KEPT)
def _finding(selection: str) -> tuple[list[Look[Subject]], dict[str, set[int]]]:
    """What each check finds, and the places of those that find nothing without a field, by its name in lower
    case, and by that of each other which would do; by "" the places of the others."""
    checks = select_checks(selection)
    places: dict[str, set[int]] = {"": set()}
    for place, check in enumerate(checks):
        for name in check.needs or ("",):
            places.setdefault(name.lower(), set()).add(place)
    return [check.run for check in checks], places


def _refuse(subject: Subject) -> tuple[str, ...]:
    """Why there is no grade, if so. Whose answer it is comes first: it says more than its status does.

    The Observatory grades a 304, and would never see one: it asks for nothing on condition. One is graded as
    it would be only where it was given as all that there is of a page, which is empty.
    """
    reason = recognise(subject)
    text = subject.text
    if reason is None and text is not None:
        reason = recognise_page(subject.status, text)
    if reason is None and subject.status == NOT_MODIFIED and not subject.is_empty:
        reason = UNCHANGED
    reason = observatory.refusal(subject.status) if reason is None else reason
    return () if reason is None else (reason,)


def _grade(subject: Subject) -> tuple[str, ...]:
    return observatory.run_tests(subject.evidence)


def _weigh(judged: Judged) -> int:
    return len(judged.written)


_alike: Final = Alike(_looks_of, Draft, _weigh)
