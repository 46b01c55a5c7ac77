"""One probe's own story, for who asks why it failed: what happened hop by hop, the metrics, the module.

What servers say is escaped: nothing of it may act on a terminal. What the module sends is not shown.
"""

from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime

import yaml

from service.output.escape import printable
from service.probe.certificates import describe, earliest_end
from service.probe.document import show
from service.probe.families import make_families
from service.probe.probed import Probed, read_score
from service.probe.tls import Shown
from service.probe.witness import Lookup
from service.telemetry.gauges import write_gauges
from workers.counted import read_counted
from workers.model import Exchange, Timing
from workers.syntax.head import parse_head


def tell_story(probed: Probed) -> str:
    """The story in three parts, under the headings that blackbox_exporter gives them."""
    metrics = write_gauges(make_families(probed)).decode()
    module = yaml.safe_dump(show(probed.module), sort_keys=False, allow_unicode=True)
    events = "\n".join(printable(line) for line in _tell(probed))
    return (
        f"Logs for the probe:\n{events}\n\n\n"
        f"Metrics that would have been returned:\n{metrics}\n\n\n"
        f"Module configuration:\n{module}"
    )


def _tell(probed: Probed) -> Iterator[str]:
    yield f"{probed.target} by the module {probed.name}, within {probed.timeout_s:g} s"
    seen = deque(probed.seen)
    for exchange in probed.gathered.exchanges:
        if exchange.timing_ms.resolve is not None:  # else it went on with the connection that there was
            yield from _tell_lookup(seen)
        yield from _tell_exchange(exchange)
    if seen:
        yield from _tell_lookup(seen)
    for failure in probed.failures:
        yield f"failed at {failure.stage} with {failure.code}: {failure.message}"
    for unmet in probed.unmet:
        yield f"failed at expect with {unmet.code}: {unmet.message}"
    verdict = probed.verdict
    if verdict is not None and verdict.failure is None and verdict.analysis_ms:
        score = read_score(verdict)
        grade = "no grade" if verdict.grade is None else f"grade {verdict.grade} (score {score})"
        findings = read_counted(verdict.counted)
        yield f"judged in {verdict.analysis_ms:.1f} ms: {grade}, {len(findings)} findings"
        for rule, severity in findings:
            yield f"  {severity}: {rule}"
    yield f"probe {'succeeded' if probed.success else 'failed'} after {probed.duration_s:.3f} s"


def _tell_lookup(seen: deque[Lookup | Shown]) -> Iterator[str]:
    """The next look-up, and the handshake that came of it."""
    lookup = seen.popleft()
    assert isinstance(lookup, Lookup)  # noqa: S101 - a hop begins with one
    found = ", ".join(lookup.found) or "nothing"
    chosen = "" if lookup.chosen == lookup.found else f"; {', '.join(lookup.chosen) or 'none'} is chosen"
    yield f"resolve {lookup.host}: {found} in {lookup.spent_s * 1e3:.1f} ms{chosen}"
    while seen and isinstance(shown := seen[0], Shown):
        yield from _tell_handshake(shown)
        seen.popleft()


def _tell_handshake(shown: Shown) -> Iterator[str]:
    trust = "verifies" if shown.doubt is None else f"does not verify: {shown.doubt}"
    yield f"TLS with {shown.name}: {shown.version}, {shown.cipher}; its certificate {trust}"
    for der in shown.presented:
        described, ends_at_s = describe(der), earliest_end([der])
        if described is not None and ends_at_s is not None:
            names = f" for {described.subjectalternative}" if described.subjectalternative else ""
            yield f"  {described.subject}{names} by {described.issuer}, ends {_date(ends_at_s)}"


def _tell_exchange(exchange: Exchange) -> Iterator[str]:
    head = parse_head(exchange.head)
    yield f"{exchange.method} {exchange.url} at {exchange.address} ({_phases(exchange.timing_ms)})"
    yield f"  HTTP/{head.version} {head.status} {head.reason}".rstrip()
    for name, value in head.fields:
        yield f"  {name}: {value}"
    if exchange.content is not None:
        yield f"  {exchange.content.length} bytes of content in {exchange.content.spent_ms:.1f} ms"


def _phases(timing: Timing) -> str:
    spent = {
        "resolve": timing.resolve,
        "connect": timing.connect,
        "tls": timing.tls,
        "response": timing.response,
    }
    return ", ".join(f"{phase} {ms:.1f} ms" for phase, ms in spent.items() if ms is not None)


def _date(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
