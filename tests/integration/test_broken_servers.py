"""Servers that do wrong: each way has its code, its stage and a bound on how long it may cost.

Every case runs over plain http and over https, and after each the server has seen the connection go.
"""

import ssl
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import pytest

from tests.integration.authority import Authority
from tests.integration.broken_server import (
    Behaviour,
    by_method,
    closes,
    drips,
    holds,
    never_ends,
    resets,
    says,
    says_and_holds,
    says_and_resets,
    serve,
)
from tests.integration.inspecting import inspect_one

OK = b"HTTP/1.1 200 OK\r\n"
PROCESSING = b"HTTP/1.1 102 Processing\r\n\r\n"
PROMPT_S = 2.0  # what needs no limit to end: generous for a loaded machine, far under every default limit
RESPONSE_TIMEOUT_S = 0.5
LATE_S = RESPONSE_TIMEOUT_S + 1.0
HTTP2_SETTINGS = bytes.fromhex("000006040000000000000300000064")


@dataclass(frozen=True, slots=True)
class Case:
    """What a server does, and what its record says: `code` None is an `ok` of `status`."""

    name: str
    behaviour: Behaviour
    code: str | None = None
    stage: str | None = "exchange"
    status: int | None = 200
    hops: int = 0
    within_s: float = PROMPT_S
    defects: tuple[str, ...] = ()
    requests: tuple[str, ...] | None = None
    settings: dict[str, Any] = field(default_factory=dict)


def fails(name: str, behaviour: Behaviour, code: str, **more: Any) -> Case:
    return Case(name, behaviour, code, **more)


def works(name: str, behaviour: Behaviour, **more: Any) -> Case:
    return Case(name, behaviour, None, None, **more)


def lines(count: int, size: int = 8) -> bytes:
    return b"".join(b"X-%06d: %s\r\n" % (number, b"v" * size) for number in range(count))


def redirect(location: bytes, status: bytes = b"302 Found") -> Behaviour:
    return says_and_holds(b"HTTP/1.1 " + status + b"\r\nLocation: " + location + b"\r\n\r\n")


MALFORMED = (
    fails("garbage", says_and_holds(b"\x00\x01\x02 garbage\r\n\r\n"), "response_malformed"),
    fails("http-0.9", says(b"<html>hello</html>"), "response_malformed"),
    fails("http-2-settings", says_and_holds(HTTP2_SETTINGS), "response_malformed"),
    fails("http-2-status", says_and_holds(b"HTTP/2 200\r\n\r\n"), "response_malformed"),
    fails("icy", says_and_holds(b"ICY 200 OK\r\n\r\n"), "response_malformed"),
    fails("ssh", says_and_holds(b"SSH-2.0-OpenSSH_9.2\r\n"), "response_malformed"),
    fails("no-status", says_and_holds(b"HTTP/1.1 OK\r\n\r\n"), "response_malformed"),
    fails("two-digit-status", says_and_holds(b"HTTP/1.1 99 Low\r\n\r\n"), "response_malformed"),
    fails("four-digit-status", says_and_holds(b"HTTP/1.1 2000 Much\r\n\r\n"), "response_malformed"),
    fails("status-line-alone", says(b"HTTP/1.1 200 OK\r\n"), "connection_closed"),
)
CLOSED = (
    fails("closes", closes, "connection_closed", requests=("HEAD /closes", "GET /closes")),
    fails("closes-in-mid-head", says(OK + b"Server: x"), "connection_closed"),
    fails("closes-in-status-line", says(b"HTTP/1."), "connection_closed"),
    fails("closes-after-100", says(b"HTTP/1.1 100 Continue\r\n\r\n"), "connection_closed"),
    fails("resets-in-mid-head", says_and_resets(OK + b"Server: x"), "connection_reset"),
)
SLOW = (
    fails("silent", holds, "response_timeout", within_s=LATE_S, requests=("HEAD /silent",)),
    fails("drips", drips, "response_timeout", within_s=LATE_S),
    fails("stops-in-mid-head", says_and_holds(OK + b"Server: x\r\n"), "response_timeout", within_s=LATE_S),
)
TOO_LARGE = (
    fails("endless-line", never_ends, "response_too_large"),
    fails("head-too-large", says_and_holds(OK, lines(300, 1_000), b"\r\n"), "response_too_large"),
    fails("too-many-fields", says_and_holds(OK, lines(1_001), b"\r\n"), "response_too_large"),
    fails("line-too-long", says_and_holds(OK, b"X: ", b"v" * 65_536, b"\r\n\r\n"), "response_too_large"),
    fails(
        "eleven-1xx",
        says_and_holds(PROCESSING * 11 + OK + b"\r\n"),
        "response_too_large",
    ),
    fails("endless-blank-lines", says_and_holds(b"\r\n" * 140_000), "response_too_large"),
)
TOLERATED = (
    works("most-fields", says_and_holds(OK, lines(1_000), b"\r\n")),
    works("ten-1xx", says_and_holds(PROCESSING * 10 + OK + b"\r\n")),
    works("early-hints", says_and_holds(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK + b"\r\n")),
    works("switching", says_and_holds(b"HTTP/1.1 101 Switching Protocols\r\n\r\n"), status=101),
    works("bare-lf", says_and_holds(b"HTTP/1.1 200 OK\nX: y\n\n"), defects=("bare-lf",)),
    works("obs-fold", says_and_holds(OK + b"X: y\r\n\tz\r\n\r\n"), defects=("obs-fold",)),
    works("nul", says_and_holds(OK + b"X: y\0z\r\n\r\n"), defects=("nul",)),
    works("no-reason", says_and_holds(b"HTTP/1.1 200\r\n\r\n"), defects=("missing-reason-space",)),
    works("space-before-colon", says_and_holds(OK + b"X : y\r\n\r\n"), defects=("space-before-colon",)),
    works("no-colon", says_and_holds(OK + b"nonsense\r\n\r\n"), defects=("missing-colon",)),
    works("blank-line-first", says_and_holds(b"\r\n" + OK + b"\r\n"), defects=("leading-blank-line",)),
    works("status-999", says_and_holds(b"HTTP/1.1 999 Denied\r\n\r\n"), status=999),
    works("http-1.0-keep-alive", says_and_holds(b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n")),
    works(
        "keep-alive-in-spite",
        says_and_holds(OK + b"Connection: keep-alive\r\nKeep-Alive: timeout=60\r\n\r\n"),
    ),
    works("body-to-head", says_and_holds(OK + b"Content-Length: 5\r\n\r\nhello")),
    works("endless-body", says_and_holds(OK + b"\r\n", *[b"x" * 65_536] * 64), settings={"method": "get"}),
    works("one-byte-at-a-time", says_and_holds(*(bytes([byte]) for byte in OK + b"X: y\r\n\r\n"))),
    works("resets-after-head", says_and_resets(OK + b"\r\n")),
)
FALLBACK = (
    works(
        "head-405",
        by_method(HEAD=says(b"HTTP/1.1 405 Method Not Allowed\r\n\r\n"), GET=says(OK + b"\r\n")),
        requests=("HEAD /head-405", "GET /head-405"),
    ),
    works("head-501", by_method(HEAD=says(b"HTTP/1.1 501 No\r\n\r\n"), GET=says(OK + b"\r\n"))),
    works("head-closes", by_method(HEAD=closes, GET=says(OK + b"\r\n"))),
    works("head-closes-midway", by_method(HEAD=says(OK), GET=says(OK + b"\r\n"))),
    works("head-resets", by_method(HEAD=resets, GET=says(OK + b"\r\n"))),
    works("both-405", says(b"HTTP/1.1 405 Method Not Allowed\r\n\r\n"), status=405),
    works("head-500", says(b"HTTP/1.1 500 No\r\n\r\n"), status=500, requests=("HEAD /head-500",)),
    works(
        "no-fallback-asked-for",
        says(b"HTTP/1.1 405 No\r\n\r\n"),
        status=405,
        requests=("HEAD /no-fallback-asked-for",),
        settings={"method": "head"},
    ),
)
REDIRECTS = (
    fails("loop", redirect(b"/loop"), "too_many_redirects", stage="redirect", hops=11),
    fails("empty-location", redirect(b""), "too_many_redirects", stage="redirect", hops=11),
    fails(
        "one-too-many",
        redirect(b"/one-too-many"),
        "too_many_redirects",
        stage="redirect",
        hops=1,
        settings={"max_redirects": 0},
    ),
    fails("to-bad-url", redirect(b"http://[::bad/"), "redirect_invalid", stage="redirect", hops=1),
    fails("to-bad-port", redirect(b"http://a.test:99999/"), "redirect_invalid", stage="redirect", hops=1),
    fails("to-ftp", redirect(b"ftp://127.0.0.1/"), "redirect_invalid", stage="redirect", hops=1),
    fails("to-script", redirect(b"javascript:alert(1)"), "redirect_invalid", stage="redirect", hops=1),
    fails("to-long-url", redirect(b"/" + b"a" * 9_000), "redirect_invalid", stage="redirect", hops=1),
    fails("to-private", redirect(b"http://10.0.0.1/"), "blocked_address", stage="policy", hops=1),
    fails("to-hex-private", redirect(b"http://0x0a000001/"), "blocked_address", stage="policy", hops=1),
    fails("to-mapped", redirect(b"http://[::ffff:10.0.0.1]/"), "blocked_address", stage="policy", hops=1),
    fails("to-metadata", redirect(b"http://169.254.169.254/"), "blocked_address", stage="policy", hops=1),
    fails("to-mail-port", redirect(b"http://127.0.0.1:25/"), "blocked_port", stage="policy", hops=1),
    works("302-without-location", says(b"HTTP/1.1 302 Found\r\n\r\n"), status=302),
    works("300-with-location", redirect(b"/loop", b"300 Multiple Choices"), status=300),
    works("304-with-location", redirect(b"/loop", b"304 Not Modified"), status=304),
    works("201-with-location", redirect(b"/loop", b"201 Created"), status=201),
)
CASES = MALFORMED + CLOSED + SLOW + TOO_LARGE + TOLERATED + FALLBACK + REDIRECTS


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_a_broken_server_costs_its_record_a_code_and_no_more_than_its_time(
    case: Case, scheme: str, server_tls: ssl.SSLContext, authority: Authority
) -> None:
    async with serve({case.name: case.behaviour}, server_tls if scheme == "https" else None) as server:
        settings = {"response_timeout": RESPONSE_TIMEOUT_S, "ca_file": authority.file, **case.settings}
        began = monotonic()
        record = await inspect_one(f"{scheme}://127.0.0.1:{server.port}/{case.name}", **settings)
        took_s = monotonic() - began
        await server.all_gone()
    assert record.outcome == ("error" if case.code else "ok"), record.error
    if case.code:
        assert record.error is not None
        assert (record.error.code, record.error.stage) == (case.code, case.stage), record.error
        assert sum(hop.status is not None for hop in record.hops) == case.hops
        if case.stage == "exchange":
            unanswered = record.hops[-1]
            assert (unanswered.status, unanswered.headers) == (None, ())
            assert unanswered.address == f"127.0.0.1:{server.port}"
            assert (unanswered.tls is not None and unanswered.tls.verified) == (scheme == "https")
        assert record.report is None
    else:
        assert record.status == case.status
        assert record.hops[-1].defects == case.defects
    if case.requests is not None:
        assert tuple(server.requests) == case.requests
    assert took_s < case.within_s
