"""The client, beside a server that answers as it is told to, at any length and cut anywhere."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from service.client import Client, DaemonRefused, Event

JOB = b'{"id":"1","state":"done","total":2,"done":2,"more":[]}'
STREAM = (
    b"retry: 2000\n\n:\n\n"
    b'event: record\nid: 1\ndata: {"a": "x\\n"}\n\n'
    b"event: progress\ndata: {}\n\n"
    b"event: record\nid: 2\ndata: {}\n\n"
    b"event: end\nid: end\ndata: {}\n\n"
)
EVENTS = [
    Event("record", b'{"a": "x\\n"}'),
    Event("progress", b"{}"),
    Event("record", b"{}"),
    Event("end", b"{}"),
]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


def answer(status: str, body: bytes, *fields: bytes) -> bytes:
    lines = b"".join(field + b"\r\n" for field in fields)
    return b"HTTP/1.1 %b\r\nContent-Length: %d\r\n%b\r\n%b" % (status.encode(), len(body), lines, body)


@asynccontextmanager
async def run_script(*answers: Sequence[bytes]) -> AsyncIterator[tuple[Client, list[str]]]:
    """A client of a server that gives these answers, one a connection, in pieces; and the requests' heads."""
    left, heads = list(answers), list[str]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
        for piece in left.pop(0):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        async with Client(url, "secret", ssl.create_default_context(), lambda _: None) as client:
            yield client, heads


async def test_events_come_whole_however_they_are_cut() -> None:
    pieces = [HEAD, *(STREAM[at : at + 1] for at in range(len(STREAM)))]
    async with run_script(pieces) as (client, heads):
        assert [event async for event in client.follow("a/b")] == EVENTS
    assert heads[0].startswith("GET /v1/jobs/a%2Fb/events HTTP/1.1\r\n")
    assert "\r\nAuthorization: Bearer secret\r\n" in heads[0]


async def test_a_stream_that_breaks_off_is_taken_up_behind_its_last_record() -> None:
    cut = STREAM.index(b"event: progress") + 10
    rest = STREAM[STREAM.index(b"event: progress") :]
    busy = answer("503 Service Unavailable", b"", b"Connection: close")
    async with run_script([HEAD, STREAM[:cut]], [busy], [HEAD, rest]) as (client, heads):
        assert [event async for event in client.follow("1")] == EVENTS
    places = [next(line for line in head.splitlines() if line.startswith("Last-Event-ID")) for head in heads]
    assert places == ["Last-Event-ID: ", "Last-Event-ID: 1", "Last-Event-ID: 1"]


async def test_a_list_is_sent_again_whole_under_its_key() -> None:
    busy = answer("429 Too Many Requests", b"{}", b"Retry-After: 0", b"Connection: close")
    accepted = answer("202 Accepted", JOB, b"Connection: close")
    reads = 0

    async def read() -> AsyncIterator[bytes]:
        nonlocal reads
        reads += 1
        yield b"packed"

    async with run_script([busy], [b""], [accepted]) as (client, heads):
        job = await client.submit(read, "application/x-ndjson", "k")
    assert (job.id, job.total, reads) == ("1", 2, 3)
    assert all("\r\nIdempotency-Key: k\r\n" in head for head in heads)


async def test_a_refusal_is_told_with_each_fault() -> None:
    body = b'{"detail": "2 faults", "errors": [{"detail": "a", "pointer": "/x"}, {"detail": "b"}]}'
    async with run_script([answer("422 No", body, b"Connection: close")]) as (client, _):
        with pytest.raises(DaemonRefused, match="422: 2 faults") as caught:
            await client.show("1")
    assert (caught.value.status, caught.value.faults) == (422, ["/x: a", "b"])


async def test_a_refusal_of_one_fault_is_told_once() -> None:
    body = b'{"detail": "no such job", "errors": [{"detail": "no such job"}]}'
    async with run_script([answer("404 No", body, b"Connection: close")]) as (client, _):
        with pytest.raises(DaemonRefused, match="404: no such job") as caught:
            await client.show("1")
    assert caught.value.faults == []


@pytest.mark.parametrize(
    "raw",
    [
        answer("302 Found", b"", b"Location: /elsewhere", b"Connection: close"),
        answer("200 OK", b"<html>", b"Connection: close"),
        answer("404 Not Found", b"<html>", b"Connection: close"),
    ],
)
async def test_what_is_no_daemon_is_refused(raw: bytes) -> None:
    async with run_script([raw]) as (client, heads):
        with pytest.raises(DaemonRefused):
            await client.show("1")
    assert len(heads) == 1
