"""Two verdicts on one response, side by side: the Observatory's grade, and our own findings."""

from workers import observatory
from workers.alike import find, grade
from workers.interstitial import recognise
from workers.interstitial_page import recognise_page
from workers.model import Gathered, Hop, Meta, Report
from workers.response import Response

FINDINGS_LIMIT = 250  # a record's; a hostile response could otherwise make a check repeat itself without end


def judge(
    gathered: Gathered, hops: tuple[Hop, ...], evidence: observatory.Evidence | None = None
) -> Report | None:
    """The report on the chain's last response; None where nothing was to be checked.

    `evidence` is what was gathered elsewhere; without it, it is read off what was fetched.
    """
    if gathered.checks == "none":
        return None
    final = hops[-1]
    response = Response(
        url=final.url,
        status=final.status,
        fields=final.headers,
        tls=final.tls,
        hops=hops,
        defects=final.defects,
        at_s=gathered.started_at,
    )
    reported = tuple(find(gathered.checks, response)[:FINDINGS_LIMIT])
    if evidence is None:
        evidence = observatory.read_gathered(gathered, hops)
    reason = _ungradable(response, evidence)
    if reason is not None:
        return Report(gradable=False, observatory=None, findings=reported, reason=reason)
    graded = grade(response, evidence)
    return Report(
        gradable=True, observatory=graded, findings=reported, partial=observatory.is_partial(graded)
    )


def read_meta(gathered: Gathered, hops: tuple[Hop, ...]) -> Meta | None:
    """What the page says in `<meta>`; None where no page was gathered, or it is none of HTML."""
    if not gathered.exchanges or gathered.exchanges[-1].body is None:
        return None
    found = observatory.read_meta_headers(observatory.read_gathered(gathered, hops))
    if found is observatory.NOT_GATHERED:
        return None
    return Meta(found.policies, found.referrer_policy)


def _ungradable(response: Response, evidence: observatory.Evidence) -> str | None:
    """Whose answer it is comes first: it says more than its status does."""
    reason = recognise(response)
    if reason is None and isinstance(evidence.body, str):
        reason = recognise_page(response.status, evidence.body)
    return observatory.refusal(evidence) if reason is None else reason
