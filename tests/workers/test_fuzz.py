"""Responses that nobody would send, through all that a worker does: a record comes out, and soon.

`MASTHEAD_FUZZ=50000` in the environment runs so many of them; CI runs a few.
"""

import gc
import json
import os
from time import thread_time

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.workers.checks.test_robustness import FIELDS
from workers.check import Check
from workers.entry import inspect
from workers.model import Chain, Exchange, Gathered, Hop, Surroundings, Timing
from workers.record import read_hop
from workers.registry import all_checks
from workers.response import Response

EXAMPLES = int(os.environ.get("MASTHEAD_FUZZ", "200"))
CHECK_LIMIT_S = 0.005  # of its thread's CPU: what judges thousands of responses may not stay at one
TRIES = 3
PIECES = st.sampled_from(
    ["max-age=", "0", "31536000", ";", ",", "=", '"', "'", "self", "'self'", "*", "https:", "http://a.b:1/c",
     "data:", "default-src", "script-src", "'nonce-a'", "includeSubDomains", "SameSite=None", "Secure",
     "Path=/", "Expires=", "Thu, 01 Jan 1970 00:00:00 GMT", "no-store", "public", "text/html", "charset=",
     "utf-8", "W/", "\\", "(", ")", " ", "\t", "?1", ":", "/", "//", "\x00", "\xff", "1.1 a", "10.0.0.1",
     "nginx/1.2.3", "endpoint", "{", "}", "[", "]"]
)  # fmt: skip
WORD = st.one_of(PIECES, st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=12))
VALUE = st.one_of(
    st.lists(WORD, max_size=12).map("".join),
    st.tuples(st.sampled_from([" ", "; ", ", "]), st.lists(WORD, max_size=12)).map(
        lambda drawn: drawn[0].join(drawn[1])
    ),
    st.tuples(st.lists(WORD, min_size=1, max_size=4).map("".join), st.integers(2, 9_000)).map(
        lambda drawn: (drawn[0] * drawn[1])[:65_536]
    ),
)
NAME = st.one_of(st.sampled_from(FIELDS), st.text(st.characters(max_codepoint=255), min_size=1, max_size=20))
LINE = st.one_of(
    st.tuples(NAME, VALUE).map(lambda field: f"{field[0]}: {field[1]}".encode("latin-1", "replace")),
    st.binary(max_size=60),
)
STATUS = st.sampled_from([200, 204, 206, 301, 302, 304, 307, 401, 403, 404, 418, 429, 500, 503, 999])
URL = st.sampled_from(
    ["https://example.com/", "http://example.com/", "https://[2001:db8::1]:8443/a?b", "http://127.0.0.1/",
     "https://co.uk/", "https://localhost/", "https://xn--bcher-kva.example/"]
)  # fmt: skip
ENDING = st.sampled_from([b"\r\n", b"\n"])
MARKUP = st.sampled_from(
    [b"<meta ", b"<script ", b"src=//a", b"http-equiv=", b"content=", b"<!--", b">", b"<a"]
)
BODY = st.none() | st.lists(MARKUP).map(b" ".join)


def response(
    lines: list[bytes], status: int, url: str, ending: bytes, body: bytes | None, before: int | None
) -> Gathered:
    fields = [line.replace(b"\n", b"") for line in lines]
    head = ending.join([b"HTTP/1.1 %d OK" % status, *fields[before is not None :], b"", b""])
    page = Exchange(url, "GET", "192.0.2.1:443", head, None, Timing(), body)
    moved = ending.join([b"HTTP/1.1 %d OK" % (before or 302), *fields, b"", b""])
    redirect = Exchange(url, "GET", "192.0.2.1:443", moved, None, Timing())
    exchanges = (page,) if before is None else (redirect, page)
    around = None if body is None else Surroundings(Chain(exchanges), Chain((page,)), Chain(exchanges))
    return Gathered(
        1, url, url, exchanges, None, 1.7e9, 1.0, 1, "full" if around else "headers", "all", around
    )


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(LINE, max_size=14), STATUS, URL, ENDING, BODY, st.none() | STATUS)
def test_any_response_has_its_record_and_no_check_stays_long(
    lines: list[bytes], status: int, url: str, ending: bytes, body: bytes | None, before: int | None
) -> None:
    gathered = response(lines, status, url, ending, body, before)
    record = json.loads(inspect(gathered).line)
    assert record["error"] is None, record["error"]
    hops = tuple(map(read_hop, gathered.exchanges))
    for check in all_checks():
        if _seconds(check, hops) > CHECK_LIMIT_S:
            assert min(_seconds(check, hops) for _ in range(TRIES)) <= CHECK_LIMIT_S, check.id


def _seconds(check: Check, hops: tuple[Hop, ...]) -> float:
    """Of its thread's CPU. What others left for the garbage collector is no cost of the check's."""
    final = hops[-1]
    fresh = Response(
        url=final.url, status=final.status, fields=final.headers, hops=hops, defects=final.defects
    )
    gc.disable()
    try:
        began_s = thread_time()
        for _ in check.run(fresh):
            pass
        return thread_time() - began_s
    finally:
        gc.enable()
