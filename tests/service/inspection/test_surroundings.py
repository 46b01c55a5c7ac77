"""Full depth: the page itself, a preflight to it, and the site's other entry: on port 80, or on port 443."""

import asyncio
import gzip
import os
import socket
import ssl
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from service.inspection.chain import fetch_chain
from service.inspection.dispatch import read_entry
from service.inspection.fetch import Fetcher, FetchOptions
from service.inspection.resolve import Resolver
from service.inspection.tls import TlsPolicy
from service.model import Target
from tests.integration.ports import OWN_ADDRESS
from tests.service.inspection.certificates import Authority, make_authority
from tests.service.inspection.servers import Answer, serve
from workers.model import FOREIGN_ORIGIN, Chain, Gathered

FULL = FetchOptions(timeout_s=10, depth="full")
PAGE = b"<html><meta name=referrer content=no-referrer><script src=/a.js></script>"
FOUND = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(PAGE), PAGE)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return make_authority(tmp_path)


@pytest.fixture
def site(fetcher: Fetcher, authority: Authority) -> Fetcher:
    hosts = {"site.test": (OWN_ADDRESS,), "other.test": (OWN_ADDRESS,)}
    resolver = Resolver(fetcher.network, "127.0.0.1:1", 0.3, hosts)
    return replace(fetcher, tls=TlsPolicy.load(authority.ca_file), resolver=resolver)


def answers(seen: list[bytes], *, page: bytes = FOUND) -> Answer:
    async def answer(head: bytes, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(head)
        allowed = b"HTTP/1.1 204 No Content\r\nAccess-Control-Allow-Origin: *\r\n\r\n"
        writer.write(allowed if head.startswith(b"OPTIONS") else page)
        await writer.drain()

    return answer


@asynccontextmanager
async def own_port(answer: Answer | bytes, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[None]:
    """Listen where the scheme has its port: 80, or 443 with `tls`."""
    port = 443 if tls else 80
    try:
        server = serve(answer, OWN_ADDRESS, port=port, tls=tls)
        await server.__aenter__()
    except PermissionError:
        pytest.skip(f"this user may not listen on port {port}")
    try:
        yield
    finally:
        await server.__aexit__(None, None, None)


async def fetch(fetcher: Fetcher, url: str, options: FetchOptions = FULL) -> Gathered:
    return await fetch_chain(fetcher, read_entry(Target(1, url)), options)


async def test_a_page_its_preflight_and_its_http_entry_are_gathered(
    site: Fetcher, authority: Authority
) -> None:
    seen: list[bytes] = []
    context = authority.server_context("site.test")
    async with serve(answers(seen), OWN_ADDRESS, tls=context) as port:
        moved = b"HTTP/1.1 301 Moved\r\nLocation: https://site.test:%d/a?b\r\n\r\n" % port
        async with own_port(moved):
            gathered = await fetch(site, f"https://site.test:{port}/a?b")
    assert (gathered.failure, gathered.depth) == (None, "full")
    assert [(hop.method, hop.body) for hop in gathered.exchanges] == [("GET", PAGE)]
    around = gathered.surroundings
    assert around is not None
    assert around.http_entry is not None
    assert [hop.url for hop in around.http_entry.exchanges] == [
        "http://site.test/a?b",
        f"https://site.test:{port}/a?b",
    ]
    assert (around.preflight.failure, around.preflight.exchanges[0].head[9:12]) == (None, b"204")
    (preflight,) = (head for head in seen if head.startswith(b"OPTIONS /a?b "))
    assert f"\r\nOrigin: {FOREIGN_ORIGIN}\r\nAccess-Control-Request-Method: GET\r\n".encode() in preflight


async def test_a_preflight_goes_along_redirects_with_its_fields(site: Fetcher) -> None:
    seen: list[bytes] = []
    async with serve(answers(seen), OWN_ADDRESS) as last:

        async def move(head: bytes, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            status = 303 if head.startswith(b"OPTIONS /there ") else 307
            target = b"http://other.test:%d/" % last if status == 303 else b"/there"
            moved = b"HTTP/1.1 %d Moved\r\nLocation: %s\r\n\r\n" % (status, target)
            writer.write(moved if head.startswith(b"OPTIONS") else FOUND)
            await writer.drain()

        async with serve(move, OWN_ADDRESS) as port:
            gathered = await fetch(site, f"http://site.test:{port}/")
    assert gathered.surroundings is not None
    preflight = gathered.surroundings.preflight
    assert preflight.failure is None
    assert [(hop.method, hop.url) for hop in preflight.exchanges] == [
        ("OPTIONS", f"http://site.test:{port}/"),
        ("OPTIONS", f"http://site.test:{port}/there"),
        ("GET", f"http://other.test:{last}/"),
    ]
    (arrived,) = seen
    assert f"\r\nOrigin: {FOREIGN_ORIGIN}\r\n".encode() in arrived


async def test_a_port_80_that_nobody_listens_on_is_an_answer(site: Fetcher, authority: Authority) -> None:
    context = authority.server_context("site.test")
    async with serve(FOUND, OWN_ADDRESS, tls=context) as port:
        gathered = await fetch(site, f"https://site.test:{port}/")
    assert gathered.failure is None
    assert gathered.surroundings is not None
    entry = gathered.surroundings.http_entry
    assert entry is not None
    assert entry.failure is not None
    assert (entry.exchanges, entry.failure.code) == ((), "connect_refused")


async def test_a_certificate_on_the_way_of_the_entry_is_evidence(site: Fetcher, authority: Authority) -> None:
    wrong = authority.server_context("other.test")
    async with (
        serve(FOUND, OWN_ADDRESS, tls=authority.server_context("site.test")) as port,
        serve(FOUND, OWN_ADDRESS, tls=wrong) as untrusted,
        own_port(b"HTTP/1.1 302 Found\r\nLocation: https://site.test:%d/\r\n\r\n" % untrusted),
    ):
        gathered = await fetch(site, f"https://site.test:{port}/")
    assert gathered.surroundings is not None
    entry = gathered.surroundings.http_entry
    assert entry is not None
    assert entry.failure is None
    assert [hop.tls and hop.tls.verified for hop in entry.exchanges] == [None, False]


async def test_an_http_url_is_its_own_entry(fetcher: Fetcher) -> None:
    async with serve(FOUND) as port:
        gathered = await fetch(fetcher, f"http://127.0.0.1:{port}/")
    assert gathered.surroundings is not None
    assert gathered.surroundings.http_entry is None
    assert gathered.exchanges[0].body == PAGE


async def test_an_http_url_s_https_site_is_asked_at_its_own_port(site: Fetcher, authority: Authority) -> None:
    seen: list[bytes] = []
    options = replace(FULL, fields=(("Authorization", "Bearer secret"),))
    secured = b"HTTP/1.1 200 OK\r\nStrict-Transport-Security: max-age=31536000\r\n\r\n"
    async with (
        serve(FOUND, OWN_ADDRESS) as port,
        own_port(answers(seen, page=secured), tls=authority.server_context("site.test")),
    ):
        gathered = await fetch(site, f"http://site.test:{port}/a?b", options)
    assert (gathered.failure, gathered.exchanges[-1].body) == (None, PAGE)
    entry = https_entry(gathered)
    assert entry.failure is None
    assert [(hop.method, hop.url, hop.head) for hop in entry.exchanges] == [
        ("GET", "https://site.test/a?b", secured)
    ]
    assert b"secret" not in b"".join(seen)


async def test_an_https_site_is_followed_to_its_end_past_certificates_that_do_not_verify(
    site: Fetcher, authority: Authority
) -> None:
    async with serve(FOUND, OWN_ADDRESS) as port:
        home = b"HTTP/1.1 302 Found\r\nLocation: http://site.test:%d/\r\n\r\n" % port
        async with own_port(home, tls=authority.server_context("other.test")):
            gathered = await fetch(site, f"http://site.test:{port}/")
    entry = https_entry(gathered)
    assert entry.failure is None
    assert [(hop.url, hop.tls and hop.tls.verified) for hop in entry.exchanges] == [
        ("https://site.test/", False),
        (f"http://site.test:{port}/", None),
    ]


async def test_a_port_443_that_nobody_listens_on_is_an_answer(site: Fetcher) -> None:
    async with serve(FOUND, OWN_ADDRESS) as port:
        gathered = await fetch(site, f"http://site.test:{port}/")
    assert gathered.failure is None
    entry = https_entry(gathered)
    assert entry.failure is not None
    assert (entry.exchanges, entry.failure.code) == ((), "connect_refused")


async def test_a_bare_host_that_fell_back_to_http_is_not_asked_by_https_again(site: Fetcher) -> None:
    async with own_port(FOUND):
        gathered = await fetch(site, "site.test")
    assert (gathered.url, gathered.failure) == ("http://site.test/", None)
    assert gathered.surroundings is not None
    assert gathered.surroundings.http_entry is None
    failure = https_entry(gathered).failure
    assert failure is not None
    assert failure.code == "connect_refused"


async def test_a_chain_by_way_of_its_own_https_site_has_asked_it(site: Fetcher, authority: Authority) -> None:
    async with serve(FOUND, OWN_ADDRESS, tls=authority.server_context("site.test")) as secured:
        moved = b"HTTP/1.1 301 Moved\r\nLocation: https://site.test:%d/a?c\r\n\r\n" % secured
        async with serve(moved, OWN_ADDRESS) as port:
            gathered = await fetch(site, f"http://site.test:{port}/a?b")
    assert gathered.surroundings is not None
    assert gathered.surroundings.https_entry is None


async def test_a_chain_to_another_host_s_https_has_not_asked_its_own(
    site: Fetcher, authority: Authority
) -> None:
    async with serve(FOUND, OWN_ADDRESS, tls=authority.server_context("other.test")) as secured:
        moved = b"HTTP/1.1 301 Moved\r\nLocation: https://other.test:%d/\r\n\r\n" % secured
        async with serve(moved, OWN_ADDRESS) as port:
            gathered = await fetch(site, f"http://site.test:{port}/")
    failure = https_entry(gathered).failure
    assert failure is not None
    assert failure.code == "connect_refused"


def https_entry(gathered: Gathered) -> Chain:
    assert gathered.surroundings is not None
    assert gathered.surroundings.https_entry is not None
    return gathered.surroundings.https_entry


async def test_the_urls_own_fields_stay_with_the_page(site: Fetcher, authority: Authority) -> None:
    seen: list[bytes] = []
    options = replace(FULL, fields=(("Authorization", "Bearer secret"),))
    async with (
        serve(answers(seen), OWN_ADDRESS, tls=authority.server_context("site.test")) as port,
        own_port(answers(seen)),
    ):
        await fetch(site, f"https://site.test:{port}/", options)
    assert len(seen) == 3
    assert [b"secret" in head for head in seen] == [head.startswith(b"GET") for head in seen]


@pytest.mark.parametrize(
    ("page", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}", None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", b"{}"),
        (b"HTTP/1.1 302 Found\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi", None),
        (b"HTTP/1.1 200 OK\r\nContent-Type: Text/HTML ;charset=x\r\nContent-Length: 4\r\n\r\npart", b"part"),
        (b"\r\nHTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: 2\n\nhi", b"hi"),
        (b"HTTP/1.1 304 Not\r\nContent-Type: text/html\r\n\r\n", None),
        (b"HTTP/1.1 204 No\r\nContent-Type: text/html\r\n\r\nhi", b""),
    ],
    ids=["no page", "no type", "a redirect", "an odd type", "an odd frame", "no change", "no content"],
)
async def test_only_a_page_is_read(fetcher: Fetcher, page: bytes, body: bytes | None) -> None:
    async with serve(page) as port:
        gathered = await fetch(fetcher, f"http://127.0.0.1:{port}/")
    assert (gathered.failure, gathered.exchanges[0].body) == (None, body)


@pytest.mark.parametrize(
    "rest",
    [
        b"Content-Length: 999\r\n\r\n" + PAGE,
        b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(PAGE), PAGE),
        b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\nZZ\r\n<script>\r\n0\r\n\r\n" % (len(PAGE), PAGE),
    ],
    ids=["a length not reached", "no last chunk", "a malformed chunk"],
)
async def test_a_page_that_broke_off_is_none(fetcher: Fetcher, rest: bytes) -> None:
    async with serve(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + rest) as port:
        gathered = await fetch(fetcher, f"http://127.0.0.1:{port}/")
    assert (gathered.failure, gathered.exchanges[0].body) == (None, None)


async def test_a_page_whose_connection_was_reset_is_none(fetcher: Fetcher) -> None:
    async def reset(head: bytes, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 999\r\n\r\n" + PAGE)
        await writer.drain()
        writer.transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        writer.transport.abort()

    async with serve(reset) as port:
        gathered = await fetch(fetcher, f"http://127.0.0.1:{port}/")
    assert (gathered.failure, gathered.exchanges[0].body) == (None, None)


async def test_a_large_page_is_read_up_to_its_bound(fetcher: Fetcher) -> None:
    large = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + gzip.compress(os.urandom(3_000_000))
    async with serve(large) as port:
        gathered = await fetch(fetcher, f"http://127.0.0.1:{port}/")
    assert len(gathered.exchanges[0].body or b"") == FULL.page_limit_bytes


async def test_head_brings_no_page(fetcher: Fetcher) -> None:
    async with serve(FOUND) as port:
        gathered = await fetch(fetcher, f"http://127.0.0.1:{port}/", replace(FULL, method="head"))
    assert (gathered.exchanges[0].method, gathered.exchanges[0].body) == ("HEAD", None)


async def test_a_page_that_never_ends_is_none(fetcher: Fetcher) -> None:
    async def drip(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if head.startswith(b"GET"):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 99\r\n\r\nhello")
        await reader.read()

    async with serve(drip) as port:
        gathered = await fetch(fetcher, f"http://127.0.0.1:{port}/", replace(FULL, timeout_s=0.5))
    assert (gathered.failure, gathered.exchanges[0].body) == (None, None)
    assert gathered.surroundings is not None
    failure = gathered.surroundings.preflight.failure
    assert failure is not None
    assert failure.code == "deadline_exceeded"
