"""What the grade needs beyond the page's own response, as records of `--depth full` show it, and back."""

from typing import Final

from msgspec.structs import replace

from workers.model import FOREIGN_ORIGIN, Failure, Followed, Hop, Meta, Record, Timing
from workers.observatory import (
    NOT_GATHERED,
    Absent,
    Evidence,
    HttpEntry,
    HttpsAnswer,
    Preflight,
    Step,
    absence,
    read_meta_headers,
)
from workers.observatory.evidence import read_address

_NO_TIMING: Final = Timing()
_NO_ENTRY: Final = Followed((), Failure("connect_unreachable", "connect", "port 80 did not answer"))
_NO_HTTPS: Final = Followed((), Failure("connect_unreachable", "connect", "port 443 did not answer"))
_NO_PREFLIGHT: Final = Followed((), Failure("connection_closed", "exchange", "no preflight was answered"))


def show_surroundings(record: Record, evidence: Evidence) -> Record:
    """The record with the evidence that it is judged by. Of a URL's own scheme the entry is its own hops."""
    entry, https, preflight = evidence.http_entry, evidence.https, evidence.preflight
    followed = secured = None
    if record.hops[-1].url.startswith("https:"):
        followed = _NO_ENTRY
        if isinstance(entry, HttpEntry):
            followed = Followed(tuple(_hop(step.url, "", step.status) for step in entry.route), None)
    else:
        secured = _NO_HTTPS
        if isinstance(https, HttpsAnswer):
            address = read_address(evidence.url)
            url = f"https://{address.host}{address.path}"
            secured = Followed((_hop(url, "", 200, tuple(https.headers)),), None)
    answered = _NO_PREFLIGHT
    if isinstance(preflight, Preflight):
        hop = _hop(evidence.url, "OPTIONS", preflight.status, tuple(preflight.headers))
        answered = Followed((hop,), None)
    found = read_meta_headers(evidence) if evidence.body else NOT_GATHERED
    meta = None if found is NOT_GATHERED else Meta(found.policies, found.referrer_policy)
    return replace(record, http_entry=followed, https_entry=secured, preflight=answered, meta=meta)


def read_surroundings(record: Record, evidence: Evidence) -> Evidence:
    """The evidence of a record's hops, with what else the record shows. Its page is in it as far as that is
    `<meta>`."""
    if isinstance(record.meta, Meta):
        evidence = replace(evidence, meta=record.meta)
    entry, https, preflight = record.http_entry, record.https_entry, record.preflight
    if isinstance(entry, Followed):
        evidence = replace(evidence, http_entry=_read_entry(entry))
    if isinstance(https, Followed):
        evidence = replace(evidence, https=_read_https(https))
    if isinstance(preflight, Followed):
        evidence = replace(evidence, preflight=_read_preflight(preflight))
    return evidence


def _read_entry(entry: Followed) -> HttpEntry | Absent:
    if entry.error is not None or not entry.hops:
        return absence(entry.error)
    route = tuple(Step(hop.url, hop.judged_status) for hop in entry.hops)
    return HttpEntry(route, _is_verified(entry))


def _read_https(entry: Followed) -> HttpsAnswer | Absent:
    if entry.error is not None or not entry.hops:
        return absence(entry.error)
    return HttpsAnswer(entry.hops[-1].headers, _is_verified(entry))


def _read_preflight(preflight: Followed) -> Preflight | Absent:
    if preflight.error is not None or not preflight.hops:
        return absence(preflight.error)
    answer = preflight.hops[-1]
    return Preflight(answer.judged_status, answer.headers, FOREIGN_ORIGIN)


def _is_verified(entry: Followed) -> bool:
    return all(hop.tls is None or hop.tls.verified for hop in entry.hops)


def _hop(url: str, method: str, status: int, headers: tuple[tuple[str, str], ...] = ()) -> Hop:
    return Hop(url, method, status, "", "", "", headers, (), None, _NO_TIMING)
