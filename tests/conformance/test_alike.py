"""Real header sets as several sites would send them, at several times: each report is as if it came first."""

from collections.abc import Iterator
from random import Random
from typing import Any

import msgspec

from tests.conformance.cases import rows
from tests.workers.anew import report_anew
from workers.judge import judge
from workers.model import Exchange, Gathered, Hop, Timing, Tls
from workers.record import read_hop
from workers.syntax.hosts import host_of

SITES = (
    "https://a.example/",
    "https://b.example/x/y",
    "http://c.example/",
    "https://192.0.2.1/",
    "http://localhost/",
)
DATES = ("Thu, 01 Jan 2026 00:00:00 GMT", "Fri, 02 Jan 2026 00:00:01 GMT", "Sun, 06 Nov 1994 08:49:37 GMT")
AT_S = (1_767_225_600.0, 1_767_312_001.0)
CHANGED = {
    "date": DATES,
    "expires": (*DATES, "0", "-1", "Thu, 31 Dec 2037 23:55:55 GMT"),
    "last-modified": DATES,
    "age": ("0", "100", "100000"),
    "etag": ('"a"', 'W/"b"', "c"),
}
VARIANTS = 6


def test_a_report_on_a_real_header_set_is_what_each_judge_says_by_itself() -> None:
    random = Random(4)
    count = 0
    for row in rows("real_headers"):
        for hop, at_s in _variants(row, random):
            item = Gathered(1, "a", hop.url, (), None, at_s, 1.0)
            judged = judge(item, (_read(hop),))
            assert judged is not None
            assert judged.written == msgspec.json.encode(report_anew(item, (hop,))), hop
            count += 1
    assert count == VARIANTS * 1_233


def _read(hop: Hop) -> Hop:
    """The hop by its head, as a worker gets it."""
    lines = [f"HTTP/1.1 {hop.status} {hop.reason}", *(f"{name}: {value}" for name, value in hop.headers)]
    head = "\r\n".join((*lines, "", "")).encode("latin-1", "replace")
    read = read_hop(Exchange(hop.url, hop.method, hop.address, head, hop.tls, hop.timing_ms))
    return read if read == hop else hop  # a few sets hold what no head can


def _variants(row: dict[str, Any], random: Random) -> Iterator[tuple[Hop, float]]:
    for _ in range(VARIANTS):
        url = random.choice((row["url"], *SITES)) or SITES[0]
        fields = tuple((name, _changed(name, value, random)) for name, value in row["headers"])
        tls = _certificate(url, random) if url.startswith("https:") else None
        yield (
            Hop(url, "HEAD", row["status"], "", "1.1", "192.0.2.1", fields, (), tls, Timing()),
            random.choice(AT_S),
        )


def _changed(name: str, value: str, random: Random) -> str:
    others = CHANGED.get(name.lower())
    return random.choice((value, *others)) if others else value


def _certificate(url: str, random: Random) -> Tls:
    host, is_verified = host_of(url), random.random() < 0.9
    return Tls("TLSv1.3", "TLS_AES", None, is_verified, host, "b", "2027-01-01T00:00:00Z", (host,), host)
