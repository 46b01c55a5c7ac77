"""Two verdicts on one response, side by side: the Observatory's grade, and our own findings."""

from workers import observatory
from workers.model import SEVERITIES, Finding, Gathered, Hop, Report
from workers.registry import select_checks
from workers.response import Response

FINDINGS_LIMIT = 250  # a record's; a hostile response could otherwise make a check repeat itself without end


def judge(gathered: Gathered, hops: tuple[Hop, ...]) -> Report | None:
    """The report on the chain's last response; None where nothing was to be checked."""
    checks = select_checks(gathered.checks)
    if not checks:
        return None
    final = hops[-1]
    response = Response(
        url=final.url,
        status=final.status,
        fields=final.headers,
        tls=final.tls,
        hops=hops,
        defects=final.defects,
    )
    findings = [finding for check in checks for finding in check.run(response)]
    findings.sort(key=_by_severity)
    reported = tuple(findings[:FINDINGS_LIMIT])
    evidence = observatory.read_hops(hops)
    reason = observatory.refusal(evidence)
    if reason is not None:
        return Report(gradable=False, observatory=None, findings=reported, reason=reason)
    graded = observatory.grade(evidence)
    return Report(
        gradable=True, observatory=graded, findings=reported, partial=observatory.is_partial(graded)
    )


def _by_severity(finding: Finding) -> int:
    return -SEVERITIES.index(finding.severity)
