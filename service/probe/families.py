"""A probe as metrics: blackbox_exporter's names with its meaning, and what headers add to them.

Where there was no answer the figures of one are 0, as there; what only TLS has is absent without it. That the
certificates' end is told of a server that is not trusted, too, is the one thing that is otherwise: there it
is absent, and an alarm that a certificate is about to end falls silent when it has ended.
"""

import re
from collections import Counter
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Final

from service.errors import Code
from service.inspection.fetch import REDIRECTS
from service.probe.certificates import describe, earliest_end
from service.probe.expectations import BY_REGEXP, STATUS
from service.probe.probed import Answer, Probed, find_answer, read_score
from service.telemetry.gauges import Family
from workers.counted import read_counted
from workers.model import SEVERITIES
from workers.syntax.head import parse_head
from workers.syntax.http_date import parse_http_date

PHASES: Final = ("resolve", "connect", "tls", "processing", "transfer")
_WITHOUT_CONTENT: Final = frozenset({204, 304})
# OpenSSL's names of TLS 1.2's ciphers to IANA's, which Go has: ECDHE-RSA-AES128-GCM-SHA256, say.
_CIPHER: Final = re.compile(
    r"((?:ECDHE|DHE)-(?:RSA|ECDSA))-(?:AES(\d+)(?:-(GCM))?|(CHACHA20-POLY1305))(?:-(SHA\d*))?"
)


def make_families(probed: Probed) -> list[Family]:
    """All of a probe's metrics."""
    answer = find_answer(probed.gathered)
    return [
        _gauge("probe_success", "Whether the probe succeeded.", probed.success),
        _gauge("probe_duration_seconds", "How long the probe took.", probed.duration_s),
        _gauge("probe_timeout_seconds", "How long it might have taken.", probed.timeout_s),
        *(_network_families(probed) if probed.gathered.url is not None else ()),
        *_http_families(probed, answer),
        *_tls_families(probed),
        *_verdict_families(probed),
        _failure_family(probed),
    ]


def _network_families(probed: Probed) -> Iterator[Family]:
    first = next(iter(probed.lookups), None)
    address = None if first is None or not first.chosen else ip_address(first.chosen[0])
    yield _gauge(
        "probe_dns_lookup_time_seconds",
        "Time for the target's name to be resolved.",
        0.0 if first is None else first.spent_s,
    )
    yield _gauge(
        "probe_ip_protocol", "4 or 6: what the target was asked by.", address.version if address else 0
    )
    yield _gauge(
        "probe_ip_addr_hash",
        "A hash of the target's address, which tells when that changes.",
        _fnv_1a(address.packed) if address else 0,
    )


def _http_families(probed: Probed, answer: Answer | None) -> Iterator[Family]:
    head = None if answer is None else answer.head
    exchange = None if answer is None else answer.exchange
    content = None if exchange is None else exchange.content
    yield Family(
        "probe_http_duration_seconds",
        "Time for each phase, of all redirects together.",
        [((phase,), spent_s) for phase, spent_s in _spent(probed).items()],
        ("phase",),
    )
    yield _gauge("probe_http_status_code", "The last response's status.", head.status if head else 0)
    yield _gauge(
        "probe_http_version", "The last response's HTTP version.", float(head.version) if head else 0
    )
    yield _gauge("probe_http_redirects", "Redirects that were received.", _count_redirects(probed))
    yield _gauge(
        "probe_http_ssl", "Whether the last response came over TLS.", bool(exchange and exchange.tls)
    )
    yield _gauge(
        "probe_http_content_length",
        "The last response's Content-Length; -1 without one.",
        _content_length(answer) if answer else 0,
    )
    yield _gauge(
        "probe_http_uncompressed_body_length",
        "Bytes of the last response's content, as they came.",
        content.length if content else 0,
    )
    is_status_met = all(unmet.code != STATUS for unmet in probed.unmet)
    yield _gauge(
        "probe_failed_due_to_regex",
        "Whether a pattern for headers is what failed the probe.",
        is_status_met and any(unmet.code in BY_REGEXP for unmet in probed.unmet),
    )
    modified = parse_http_date(_first(answer.values("Last-Modified"))) if answer else None
    if modified is not None:
        name = "probe_http_last_modified_timestamp_seconds"
        yield _gauge(name, "The last response's Last-Modified.", modified.moment.timestamp())


def _tls_families(probed: Probed) -> Iterator[Family]:
    shown = probed.shown
    if shown is None:
        return
    ends_at_s = earliest_end(shown.presented)
    if ends_at_s is not None:
        help_text = "When the first of the certificates shown ends, whether they verify or not."
        yield _gauge("probe_ssl_earliest_cert_expiry", help_text, ends_at_s)
    chain_ends_at_s = earliest_end(shown.verified)
    if chain_ends_at_s is not None:
        name = "probe_ssl_last_chain_expiry_timestamp_seconds"
        yield _gauge(name, "When the first certificate of the chain that verifies ends.", chain_ends_at_s)
    version = shown.version.replace("TLSv", "TLS ")
    yield Family("probe_tls_version_info", "The version of TLS.", [((version,), 1)], ("version",))
    cipher = _iana_name(shown.cipher)
    yield Family(
        "probe_tls_cipher_info", "The cipher suite, by its IANA name.", [((cipher,), 1)], ("cipher",)
    )
    own = describe(shown.presented[0]) if shown.presented else None
    if own is not None:
        yield Family("probe_ssl_last_chain_info", "The server's own certificate.", [(own, 1)], own._fields)


def _verdict_families(probed: Probed) -> Iterator[Family]:
    verdict = probed.verdict
    if verdict is None or verdict.failure is not None or not verdict.analysis_ms:
        return
    score = read_score(verdict)
    if score is not None:
        yield _gauge("probe_header_grade_score", "The Observatory's score of the headers.", score)
    counts = Counter(severity for _, severity in read_counted(verdict.counted))
    yield Family(
        "probe_header_findings",
        "Findings about the headers.",
        [((severity,), counts[severity]) for severity in SEVERITIES],
        ("severity",),
    )


def _failure_family(probed: Probed) -> Family:
    """One sample for each reason, and none where there is no failure."""
    reasons: dict[tuple[str, str], None] = {}
    for failure in probed.failures:
        reasons[failure.stage, failure.code] = None
    reasons |= dict.fromkeys(("expect", unmet.code) for unmet in probed.unmet)
    help_text = "Why the probe failed: a record's stages and codes, and `expect` for what the module expects."
    return Family("probe_failure_info", help_text, [(reason, 1) for reason in reasons], ("stage", "code"))


def _gauge(name: str, help_text: str, value: float) -> Family:
    return Family(name, help_text, [((), float(value))])


def _spent(probed: Probed) -> dict[str, float]:
    """Seconds of each phase: none without a lookup, and of a name that was not found the lookup's alone."""
    lookups = probed.lookups
    if not lookups:
        return {}
    spent = dict.fromkeys(PHASES if lookups[0].chosen else PHASES[:1], 0.0)
    spent["resolve"] = sum(lookup.spent_s for lookup in lookups)
    for exchange in probed.gathered.exchanges:
        timing = exchange.timing_ms
        spent["connect"] += (timing.connect or 0.0) / 1e3
        spent["tls"] += (timing.tls or 0.0) / 1e3
        spent["processing"] += (timing.response or 0.0) / 1e3
        if exchange.content is not None:
            spent["transfer"] += exchange.content.spent_ms / 1e3
    return spent


def _count_redirects(probed: Probed) -> int:
    """All exchanges that were redirects: one too many, or not to be followed, is one all the same; what leads
    nowhere is none."""
    heads = [parse_head(exchange.head) for exchange in probed.gathered.exchanges]
    locations = [
        head
        for head in heads
        if head.status in REDIRECTS and any(name.lower() == "location" for name, _ in head.fields)
    ]
    failure = probed.gathered.failure
    leads_nowhere = failure is not None and failure.code == Code.REDIRECT_INVALID
    return len(locations) - leads_nowhere


def _content_length(answer: Answer) -> int:
    """As Go has it: what the head says, 0 where there can be no content, -1 where only its end will tell."""
    if answer.head.status in _WITHOUT_CONTENT:
        return 0
    lengths = {value.strip() for line in answer.values("Content-Length") for value in line.split(",")}
    if answer.values("Transfer-Encoding") or len(lengths) != 1:
        return -1
    length = lengths.pop()
    return int(length[:20]) if length.isascii() and length.isdecimal() else -1


def _first(values: list[str]) -> str:
    return values[0] if values else ""


def _iana_name(cipher: str) -> str:
    match = _CIPHER.fullmatch(cipher)
    if match is None:
        return cipher
    exchange, bits, mode, stream, digest = match.groups()
    bulk = "CHACHA20_POLY1305" if stream else f"AES_{bits}_{mode or 'CBC'}"
    return f"TLS_{exchange.replace('-', '_')}_WITH_{bulk}_{digest or 'SHA256'}"


def _fnv_1a(data: bytes) -> int:
    """The 32-bit hash that blackbox_exporter takes."""
    value = 0x811C9DC5
    for byte in data:
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value
