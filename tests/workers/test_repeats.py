"""A worker that has seen much writes what a fresh one would: each record byte for byte, from raw heads on.

`MASTHEAD_REPEATS=20000` in the environment draws so many lists of responses; CI draws a few.
"""

import os

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workers.anew import report_anew
from tests.workers.test_subject import AT_S, CHANGING, COMMON, FIELDS, PLACES, STATUSES, certificates
from workers.counted import read_counted
from workers.entry import inspect
from workers.model import Exchange, Gathered, Hop, Timing
from workers.record import encode_record, join_record
from workers.syntax.head import parse_head

EXAMPLES = int(os.environ.get("MASTHEAD_REPEATS", "150"))
LASTING = [f"{name}: {value}" for name, value in (*COMMON, *FIELDS)]
# What JSON writes otherwise than it was sent, and lines of which no form of a field is.
ODD = [
    "A: \xe9\x85\x7f",
    'A: "\\/\t<\x1f"',
    "A: \x00",
    "A:",
    "Date : now",
    " folded",
    "no colon",
    ": nameless",
]
ODD_VALUES = ['"\\\t', "\xff\x80", "a\x01b", "", " spaced ", "\tx\t"]
PASSING = {name: [*values, *ODD_VALUES] for name, values in CHANGING.items()}
SPELT = st.sampled_from([*PASSING, "date", "ETAG", "last-Modified", "expires"])


@st.composite
def templates(draw: st.DrawFn) -> tuple[str, ...]:
    """What the field lines of some heads have in common: whole lines, and the names of those that pass."""
    lasting = draw(st.lists(st.sampled_from(LASTING), max_size=5))
    odd = draw(st.lists(st.sampled_from(ODD), max_size=1)) if draw(st.booleans()) else []
    passing = draw(st.lists(SPELT, max_size=4))
    return tuple(draw(st.permutations([*lasting, *odd, *passing])))


@st.composite
def responses(draw: st.DrawFn, template: tuple[str, ...], status: int) -> Gathered:
    by_name = {name.lower(): values for name, values in PASSING.items()}
    lines = [
        f"{line}:{draw(st.sampled_from([' ', '', chr(9)]))}{draw(st.sampled_from(by_name[line.lower()]))}"
        if line.lower() in by_name
        else line
        for line in template
    ]
    ending = draw(st.sampled_from(["\r\n", "\r\n", "\r\n", "\n"]))
    head = ending.join((f"HTTP/1.1 {status} OK", *lines, "", "")).encode("latin-1")
    url = draw(st.sampled_from(["https:", "http:"])) + draw(PLACES)
    tls = draw(certificates()) if url.startswith("https:") else None
    exchange = Exchange(url, "HEAD", "192.0.2.1:443", head, tls, Timing(1.5))
    at_s = draw(st.sampled_from([AT_S, AT_S + 1, AT_S + 86_401.5, 1.7e9]))
    earlier = draw(st.sampled_from([(), (), (), (exchange,)]))
    return Gathered(1, url, url, (*earlier, exchange), None, at_s, 3.25)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.data())
def test_a_record_is_what_it_would_be_if_none_had_come_before(data: st.DataObject) -> None:
    alike = data.draw(st.lists(st.tuples(templates(), STATUSES), min_size=1, max_size=2))
    for _ in range(8):
        item = data.draw(responses(*data.draw(st.sampled_from(alike))))
        hops = tuple(map(hop_anew, item.exchanges))
        report = report_anew(item, hops)
        verdict = inspect(item)
        assert verdict.line == encode_record(join_record(item, hops, report))
        found = tuple((finding.id, finding.severity) for finding in report.findings)
        assert read_counted(verdict.counted) == found
        assert verdict.grade == (report.observatory and report.observatory.grade)
        assert (verdict.status, verdict.partial) == (hops[-1].status, report.partial)


def hop_anew(exchange: Exchange) -> Hop:
    head = parse_head(exchange.head)
    return Hop(
        exchange.url,
        exchange.method,
        head.status,
        head.reason,
        head.version,
        exchange.address,
        head.fields,
        head.defects,
        exchange.tls,
        exchange.timing_ms,
    )
