"""Requests that a proxy in front and this daemon could read differently: each is refused, or read in just one
way. A second request stands behind each: where the first was refused it is never answered."""

import json
import re

import pytest

from tests.service.api.daemons import Daemon

URL = "no url"
CHUNKED = b"6\r\nno url\r\n0\r\n\r\n"
NEXT = b"GET /next HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
GET = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n"


def post(fields: bytes, body: bytes) -> bytes:
    head = b"POST /v1/inspections HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
    return head + fields + b"\r\n\r\n" + body


def chunked(body: bytes) -> bytes:
    return post(b"Transfer-Encoding: chunked", body)


REFUSED = {
    "both lengths": post(b"Content-Length: 6\r\nTransfer-Encoding: chunked", CHUNKED),
    "both lengths, the other way": post(b"Transfer-Encoding: chunked\r\nContent-Length: 6", CHUNKED),
    "two lengths": post(b"Content-Length: 6\r\nContent-Length: 0", b"no url"),
    "a length twice": post(b"Content-Length: 6\r\nContent-Length: 6", b"no url"),
    "a list of lengths": post(b"Content-Length: 6, 6", b"no url"),
    "a length with a sign": post(b"Content-Length: +6", b"no url"),
    "a negative length": post(b"Content-Length: -6", b"no url"),
    "a hexadecimal length": post(b"Content-Length: 0x6", b"no url"),
    "a length of two words": post(b"Content-Length: 6 6", b"no url"),
    "a length with an underscore": post(b"Content-Length: 1_0", b"no url"),
    "a length in other digits": post("Content-Length: ٦".encode(), b"no url"),
    "an empty length": post(b"Content-Length: ", b"no url"),
    "a length beyond 64 bits": post(b"Content-Length: " + b"9" * 30, b"no url"),
    "identity": post(b"Transfer-Encoding: identity\r\nContent-Length: 6", b"no url"),
    "an unknown coding": post(b"Transfer-Encoding: xchunked", CHUNKED),
    "a coding beneath": post(b"Transfer-Encoding: gzip, chunked", CHUNKED),
    "a coding above": post(b"Transfer-Encoding: chunked, identity", CHUNKED),
    "codings in two fields": post(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", CHUNKED),
    "chunked twice": post(b"Transfer-Encoding: chunked, chunked", CHUNKED),
    "chunked in quotes": post(b'Transfer-Encoding: "chunked"', CHUNKED),
    "chunked with a parameter": post(b"Transfer-Encoding: chunked;q=1", CHUNKED),
    "chunked behind a vertical tab": post(b"Transfer-Encoding: \x0bchunked", CHUNKED),
    "chunked before a NUL": post(b"Transfer-Encoding: chunked\x00", CHUNKED),
    "chunked in a folded line": post(b"Transfer-Encoding:\r\n chunked", CHUNKED),
    "chunked behind a bare LF": post(b"X: a\nTransfer-Encoding: chunked", CHUNKED),
    "chunked behind a bare CR": post(b"X: a\rTransfer-Encoding: chunked", CHUNKED),
    "chunked before a space and a colon": post(b"Transfer-Encoding : chunked", CHUNKED),
    "chunked in HTTP/1.0": chunked(CHUNKED).replace(b"HTTP/1.1", b"HTTP/1.0"),
    "an empty coding": post(b"Transfer-Encoding: ", CHUNKED),
    "a folded line": GET + b"X: a\r\n b\r\n\r\n",
    "white space first": b"GET /livez HTTP/1.1\r\n Host: localhost\r\n\r\n",
    "a space before a colon": GET + b"X : a\r\n\r\n",
    "bare line feeds": b"GET /livez HTTP/1.1\nHost: localhost\n\n",
    "a bare line feed at the end": GET + b"\n",
    "a bare line feed": GET + b"X: a\nY: b\r\n\r\n",
    "a bare carriage return": GET + b"X: a\rY: b\r\n\r\n",
    "a NUL": GET + b"X: a\x00b\r\n\r\n",
    "a line without a colon": GET + b"nonsense\r\n\r\n",
    "an empty name": GET + b": x\r\n\r\n",
    "a name that is no token": GET + b"X(: x\r\n\r\n",
    "two Hosts": GET + b"Host: other.test\r\n\r\n",
    "no Host": b"GET /livez HTTP/1.1\r\n\r\n",
    "an empty Host": b"GET /livez HTTP/1.1\r\nHost: \r\n\r\n",
    "a Host of two words": b"GET /livez HTTP/1.1\r\nHost: a b\r\n\r\n",
    "a Host with a path": b"GET /livez HTTP/1.1\r\nHost: localhost/x\r\n\r\n",
    "a Host with a user": b"GET /livez HTTP/1.1\r\nHost: a@localhost\r\n\r\n",
    "a target on another host": b"GET http://other.test/v1/checks HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a tunnel": b"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a target without a slash": b"GET livez HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "tabs in the request line": b"GET\t/livez\tHTTP/1.1\r\nHost: localhost\r\n\r\n",
    "no version": b"GET /livez\r\n\r\n",
    "another version": b"GET /livez HTTP/2.0\r\nHost: localhost\r\n\r\n",
    "a longer version": b"GET /livez HTTP/1.11\r\nHost: localhost\r\n\r\n",
    "a preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a control in the target": b"GET /livez\x01 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a byte beyond ASCII in the target": b"GET /livez\xe9 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a quoted line end in an extension": chunked(b'6;a="\r\n0\r\n\r\n"\r\nno url\r\n0\r\n\r\n'),
    "a line feed in an extension": chunked(b"6;a\nno url\r\n0\r\n\r\n"),
    "a carriage return in an extension": chunked(b"6;a\rno url\r\n0\r\n\r\n"),
    "a size and a line feed": chunked(b"6\nno url\r\n0\r\n\r\n"),
    "a size and a space": chunked(b"6 \r\nno url\r\n0\r\n\r\n"),
    "a size with a prefix": chunked(b"0x6\r\nno url\r\n0\r\n\r\n"),
    "a size with a sign": chunked(b"+6\r\nno url\r\n0\r\n\r\n"),
    "a negative size": chunked(b"-6\r\nno url\r\n0\r\n\r\n"),
    "a size with an underscore": chunked(b"0_6\r\nno url\r\n0\r\n\r\n"),
    "a size beyond 64 bits": chunked(b"10000000000000006\r\nno url\r\n0\r\n\r\n"),
    "no size": chunked(b"\r\nno url\r\n0\r\n\r\n"),
    "a chunk without its end": chunked(b"6\r\nno url0\r\n\r\n"),
    "a chunk with another end": chunked(b"6\r\nno urlXX0\r\n\r\n"),
    "a chunk that ends with a line feed": chunked(b"6\r\nno url\n0\r\n\r\n"),
    "a trailer that ends with a line feed": chunked(b"6\r\nno url\r\n0\r\nX: y\n\r\n"),
    "a last chunk that ends with a line feed": chunked(b"6\r\nno url\r\n0\r\n\n"),
    "a length in the trailer": chunked(b"6\r\nno url\r\n0\r\nContent-Length: 6\r\n\r\n"),
    "a flood of trailers": chunked(b"6\r\nno url\r\n0\r\n" + b"X: y\r\n" * 5_000 + b"\r\n"),
}
READ = {
    "a length": post(b"Content-Length: 6", b"no url"),
    "a length with zeros": post(b"Content-Length: 006", b"no url"),
    "a length in white space": post(b"Content-Length: \t6  ", b"no url"),
    "chunks": chunked(CHUNKED),
    "chunks by another case": post(b"transfer-encoding:\tcHuNkEd ", CHUNKED),
    "a size with zeros": chunked(b"0000000000006\r\nno url\r\n0\r\n\r\n"),
    "an extension": chunked(b'3;a=b;c="d"\r\nno \r\n3\r\nurl\r\n0\r\n\r\n'),
    "a trailer": chunked(b"6\r\nno url\r\n0\r\nX: y\r\n\r\n"),
    "an empty line first": b"\r\n" + post(b"Content-Length: 6", b"no url"),
    "an absolute target": post(b"Content-Length: 6", b"no url").replace(b" /", b" http://localhost/", 1),
}


def statuses(answer: bytes) -> list[int]:
    """Of all that the daemon said."""
    return [int(status) for status in re.findall(rb"HTTP/1\.1 ([0-9]{3}) ", answer)]


@pytest.mark.parametrize("name", REFUSED)
async def test_what_could_be_read_in_two_ways_is_refused_and_ends_the_connection(
    name: str, daemon: Daemon
) -> None:
    answer = await daemon.ask(REFUSED[name] + NEXT)
    assert statuses(answer) == [400]
    assert b"\r\nConnection: close\r\n" in answer
    assert b"\r\nX-Request-ID: " in answer


@pytest.mark.parametrize("name", READ)
async def test_what_is_read_is_read_to_its_end_and_no_further(name: str, daemon: Daemon) -> None:
    answer = await daemon.ask(READ[name] + NEXT)
    assert statuses(answer) == [200, 404]
    (record,) = json.loads(answer.partition(b"\r\n\r\n")[2].partition(b"HTTP/1.1 404")[0])["results"]
    assert record["input"] == URL


@pytest.mark.parametrize("protocol", [b"websocket", b"h2c", b"TLS/1.0", b"any"])
async def test_an_upgrade_is_declined_and_nothing_behind_it_is_read(protocol: bytes, daemon: Daemon) -> None:
    answer = await daemon.ask(GET + b"Connection: Upgrade\r\nUpgrade: " + protocol + b"\r\n\r\n" + NEXT)
    assert statuses(answer) == [200]
    assert b"\r\nConnection: close\r\n" in answer


async def test_a_body_is_no_request_even_where_it_is_not_asked_for(daemon: Daemon) -> None:
    answer = await daemon.ask(GET + b"Content-Length: %d\r\n\r\n" % len(NEXT) + NEXT + NEXT)
    assert statuses(answer) == [200, 404]


async def test_a_client_that_still_sends_its_body_can_read_that_it_is_refused(daemon: Daemon) -> None:
    """One answer, and no reset before it is read: what is left of the body is read for a moment."""
    size = 600_000
    head = b"Content-Length: %d" % size
    answer = await daemon.ask(post(head, b"x" * size).replace(b"text/plain", b"text/html"))
    assert statuses(answer) == [415]
