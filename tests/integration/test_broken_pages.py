"""Pages that break off: what they would have gone on to say is not known, so nothing is said of it."""

import ssl

import pytest

from tests.integration.authority import Authority
from tests.integration.broken_server import (
    Behaviour,
    by_method,
    says,
    says_and_holds,
    says_and_resets,
    serve,
)
from tests.integration.inspecting import inspect_one
from workers.model import Record

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
POLICY = b"""<meta http-equiv=Content-Security-Policy content="default-src 'self'">"""
PAGE = POLICY + b"<meta name=referrer content=no-referrer>"
SCRIPT = b"<script src=http://far.test/a.js></script>"
CHUNK = b"%x\r\n%s\r\n" % (len(PAGE), PAGE)
LENGTH = HEAD + b"Content-Length: %d\r\n\r\n" % len(PAGE + SCRIPT)
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
FROM_THE_PAGE = {"content-security-policy", "referrer-policy", "subresource-integrity"}

BROKEN: dict[str, Behaviour] = {
    "closes": says(LENGTH, PAGE),
    "closes-between-chunks": says(CHUNKED, CHUNK),
    "closes-in-a-chunk": says(CHUNKED, CHUNK[:-9]),
    "resets": says_and_resets(LENGTH + PAGE),
    "bad-size": says_and_holds(CHUNKED, CHUNK, b"ZZ\r\n", SCRIPT, b"\r\n0\r\n\r\n"),
    "negative-size": says_and_holds(CHUNKED, CHUNK, b"-5\r\n", SCRIPT, b"\r\n0\r\n\r\n"),
    "stalls": says_and_holds(LENGTH, PAGE),
}


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("name", BROKEN)
async def test_what_needs_a_page_that_broke_off_is_not_tested(
    name: str, scheme: str, server_tls: ssl.SSLContext, authority: Authority
) -> None:
    record = await _inspect(BROKEN[name], scheme, server_tls, authority)
    assert (record.outcome, record.status, record.meta) == ("ok", 200, None)
    assert record.report is not None
    assert record.report.observatory is not None
    tests = record.report.observatory.tests
    assert {name: tests[name].result for name in FROM_THE_PAGE} == dict.fromkeys(FROM_THE_PAGE, "not-tested")
    assert record.report.partial


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_what_came_is_judged_where_the_page_is_whole(
    scheme: str, server_tls: ssl.SSLContext, authority: Authority
) -> None:
    record = await _inspect(says(LENGTH, PAGE, SCRIPT), scheme, server_tls, authority)
    assert record.meta
    assert record.meta.referrer == "no-referrer"
    assert record.report is not None
    assert record.report.observatory is not None
    tests = record.report.observatory.tests
    assert {name: tests[name].result for name in FROM_THE_PAGE} == {
        "content-security-policy": "csp-implemented-with-no-unsafe",
        "referrer-policy": "referrer-policy-private",
        "subresource-integrity": "sri-not-implemented-and-external-scripts-not-loaded-securely",
    }


async def _inspect(page: Behaviour, scheme: str, server_tls: ssl.SSLContext, authority: Authority) -> Record:
    behaviour = by_method(GET=page, OPTIONS=says(b"HTTP/1.1 204 No Content\r\n\r\n"))
    async with serve({"page": behaviour}, server_tls if scheme == "https" else None) as server:
        return await inspect_one(
            f"{scheme}://127.0.0.1:{server.port}/page",
            depth="full",
            checks="all",
            timeout=2.0,
            response_timeout=0.5,
            ca_file=authority.file,
        )
