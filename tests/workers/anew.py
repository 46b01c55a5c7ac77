"""The report on one response by each judge for itself: what a report that is shared is held to."""

from workers import observatory
from workers.interstitial import recognise
from workers.interstitial_page import recognise_page
from workers.judge import UNCHANGED
from workers.model import SEVERITIES, Gathered, Hop, Meta, Report
from workers.observatory import Evidence
from workers.registry import select_checks
from workers.report import FINDINGS_LIMIT
from workers.response import HTML_TYPES, Response
from workers.subject import read_access, read_declaration, read_https


def report_anew(gathered: Gathered, hops: tuple[Hop, ...], evidence: Evidence | None = None) -> Report:
    final = hops[-1]
    if evidence is None:
        evidence = observatory.read_gathered(gathered, hops)
    response = Response(
        url=final.url,
        status=final.status,
        fields=final.headers,
        hops=hops,
        defects=final.defects,
        at_s=gathered.started_at,
        https=read_https(evidence),
        preflight=read_access(evidence),
        tells_encoding=read_declaration(gathered, evidence),
        meta=_read_meta(evidence),
    )
    found = [finding for check in select_checks(gathered.checks) for finding in check.run(response)]
    found.sort(key=lambda finding: -SEVERITIES.index(finding.severity))
    reported = tuple(found[:FINDINGS_LIMIT])
    reason = recognise(response)
    if reason is None and isinstance(evidence.body, str):
        reason = recognise_page(final.status, evidence.body)
    if reason is None and final.status == 304 and evidence.body != "":
        reason = UNCHANGED
    reason = reason or observatory.refusal(final.status)
    if reason is not None:
        return Report(False, None, reported, reason)
    graded = observatory.grade(evidence)
    return Report(True, graded, reported, partial=observatory.is_partial(graded))


def _read_meta(evidence: Evidence) -> Meta | None:
    """What the page says, where it was read: the Observatory reads none without a type of HTML's."""
    is_gathered = isinstance(evidence.body, str) or evidence.meta is not None
    meta = observatory.read_meta_headers(evidence)
    if meta is observatory.NOT_GATHERED or not is_gathered or evidence.mime_type not in HTML_TYPES:
        return None
    return Meta(meta.policies, meta.referrer_policy)
