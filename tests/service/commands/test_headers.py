"""`masthead headers`, run as users run it."""

import asyncio
import os
import pty
import signal
from pathlib import Path

import pytest

from service.demo.certificates import make_certificates
from tests.service.commands.running import DEADLINE_S, LOOPBACK, masthead, start
from tests.service.inspection.servers import respond, serve

HEAD = b"HTTP/1.1 200 OK\r\nserver: Test\r\nX-Two:  spaced \r\nSET-COOKIE: a=1\r\nSet-Cookie: b=2\r\n\r\n"
PRINTED = (
    b"HTTP header> HTTP/1.1 200 OK\n"
    b"HTTP header> server: Test\n"
    b"HTTP header> X-Two:  spaced \n"
    b"HTTP header> SET-COOKIE: a=1\n"
    b"HTTP header> Set-Cookie: b=2\n"
)
MOVED = b"HTTP/1.1 302 Found\r\nLocation: /there\r\n\r\n"


async def test_the_lines_are_printed_as_they_were_sent_over_http() -> None:
    async with serve(HEAD) as port:
        result = await masthead("headers", *LOOPBACK, f"http://127.0.0.1:{port}/path?a=b&c=d")
    assert (result.status, result.out, result.err) == (0, PRINTED, "")


async def test_the_lines_are_printed_as_they_were_sent_over_https(tmp_path: Path) -> None:
    certificates = make_certificates(tmp_path, "localhost")
    async with serve(HEAD, tls=certificates.trusted) as port:
        url = f"https://localhost:{port}/path?a=b"
        result = await masthead("headers", *LOOPBACK, "--ca-file", certificates.authority, url)
    assert (result.status, result.out, result.err) == (0, PRINTED, "")


async def test_the_target_with_its_query_is_what_is_asked_for() -> None:
    seen: list[bytes] = []

    async def answer(head: bytes, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(head)
        writer.write(HEAD)

    async with serve(answer) as port:
        await masthead("headers", *LOOPBACK, "-H", "X-Mine: 1", f"http://127.0.0.1:{port}/path?a=b&c=d")
    assert seen[0].startswith(b"HEAD /path?a=b&c=d HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n" % port)
    assert b"\r\nX-Mine: 1\r\n" in seen[0]


async def test_a_redirect_is_shown_and_not_followed() -> None:
    async with serve(respond(MOVED, HEAD)) as port:
        result = await masthead("headers", *LOOPBACK, f"http://127.0.0.1:{port}/")
    assert (result.status, result.out) == (
        0,
        b"HTTP header> HTTP/1.1 302 Found\nHTTP header> Location: /there\n",
    )


async def test_with_follow_every_response_on_the_way_is_shown() -> None:
    async with serve(respond(MOVED, HEAD)) as port:
        result = await masthead("headers", *LOOPBACK, "--follow", f"http://127.0.0.1:{port}/")
    assert result.out == b"HTTP header> HTTP/1.1 302 Found\nHTTP header> Location: /there\n\n" + PRINTED


async def test_to_follow_is_a_setting_that_the_command_line_can_take_back() -> None:
    async with serve(respond(MOVED, HEAD, MOVED)) as port:
        arguments = ("headers", *LOOPBACK, f"http://127.0.0.1:{port}/")
        followed = await masthead(*arguments, env={"MASTHEAD_FOLLOW": "1"})
        shown = await masthead(*arguments, "--no-follow", env={"MASTHEAD_FOLLOW": "1"})
    assert followed.out.endswith(PRINTED)
    assert shown.out == b"HTTP header> HTTP/1.1 302 Found\nHTTP header> Location: /there\n"


async def test_several_urls_are_fetched_at_once_and_printed_whole_in_the_order_given() -> None:
    second_was_asked = asyncio.Event()

    async def first(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await second_was_asked.wait()
        writer.write(HEAD)

    async def second(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        second_was_asked.set()
        writer.write(HEAD)

    async with serve(first) as one, serve(second) as two:
        urls = (f"http://127.0.0.1:{one}/", f"http://127.0.0.1:{two}/")
        result = await masthead("headers", *LOOPBACK, *urls)
    assert result.out == f"{urls[0]}\n".encode() + PRINTED + f"\n{urls[1]}\n".encode() + PRINTED


async def test_a_failure_is_a_line_on_stderr_with_its_code_and_the_others_are_printed() -> None:
    async with serve(HEAD) as port:
        url = f"http://127.0.0.1:{port}/"
        result = await masthead("headers", *LOOPBACK, "http://10.0.0.1/", url)
    assert result.status == 1
    assert result.out == f"{url}\n".encode() + PRINTED
    failure, hint = result.err.splitlines()
    assert failure.startswith("masthead: http://10.0.0.1/: blocked_address: ")
    assert hint.endswith("1 address was refused by the egress guard; --allow-net CIDR lets a network through")


async def test_a_failure_is_told_after_the_blocks_before_it() -> None:
    async with serve(HEAD) as port:
        urls = (f"http://127.0.0.1:{port}/", "http://10.0.0.1/")
        result = await masthead("headers", *LOOPBACK, *urls, stderr=asyncio.subprocess.STDOUT)
    assert result.out.startswith(f"{urls[0]}\n".encode() + PRINTED + b"masthead: http://10.0.0.1/: ")


HOSTILE = b"HTTP/1.1 200 OK\r\nX-Odd: \x1b]0;owned\x07 caf\xe9 \x9b31m\r\n\r\n"


async def test_bytes_are_passed_on_to_a_pipe_as_they_were_sent() -> None:
    async with serve(HOSTILE) as port:
        result = await masthead("headers", *LOOPBACK, f"http://127.0.0.1:{port}/")
    assert b"HTTP header> X-Odd: \x1b]0;owned\x07 caf\xe9 \x9b31m\n" in result.out


async def test_on_a_terminal_nothing_that_a_server_sent_acts() -> None:
    ours, theirs = pty.openpty()
    async with serve(HOSTILE) as port:
        process = await start("headers", *LOOPBACK, f"http://127.0.0.1:{port}/", stdout=theirs)
        assert await process.wait() == 0
    os.close(theirs)
    shown = os.read(ours, 4_096)
    os.close(ours)
    assert shown.splitlines()[1] == rb"HTTP header> X-Odd: \x1b]0;owned\x07 caf\xe9 \x9b31m"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--ca-file", __file__, "example.com"), "certificates: no certificate or crl found, got"),
        ((), "Missing argument 'URL…'"),
        (("--method", "put", "example.com"), "masthead: command line: --method: "),
        (("--method", "PUT", "example.com"), "got 'PUT'"),
        (("-H", "Host: other", "example.com"), "the header Host is masthead's own"),
        (("--ca-file", "/nonexistent.pem", "example.com"), "expected a PEM file of certificates"),
    ],
)
async def test_wrong_usage_is_told_and_exits_2(arguments: tuple[str, ...], expected: str) -> None:
    result = await masthead("headers", *arguments)
    assert result.status == 2
    assert expected in result.err
    assert "Traceback" not in result.err


async def test_output_that_cannot_be_written_exits_4() -> None:
    with Path("/dev/full").open("wb") as full:
        async with serve(HEAD) as port:
            result = await masthead("headers", *LOOPBACK, f"http://127.0.0.1:{port}/", stdout=full)
    assert result.status == 4
    assert result.err == "masthead: stdout: the output cannot be written: No space left on device\n"


@pytest.mark.parametrize(("options", "status"), [((), 0), (("--concurrency", "1"), 130)])
async def test_a_first_interrupt_finishes_what_is_in_flight(options: tuple[str, ...], status: int) -> None:
    asked, go = asyncio.Event(), asyncio.Event()

    async def answer(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await go.wait()
        writer.write(HEAD)

    async with serve(answer) as slow, serve(HEAD) as quick:
        urls = (f"http://127.0.0.1:{slow}/", f"http://127.0.0.1:{quick}/")
        process = await start("headers", *LOOPBACK, *options, *(urls if status else urls[:1]))
        await asked.wait()
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        said = await asyncio.wait_for(process.stderr.readline(), DEADLINE_S)
        go.set()
        out, err = await process.communicate()
    assert said == b"masthead: stopping: 1 in flight is finished, Ctrl-C again stops at once\n"
    assert (process.returncode, err) == (status, b"")
    assert out == (f"{urls[0]}\n".encode() if status else b"") + PRINTED


async def test_a_second_interrupt_stops_at_once_with_130() -> None:
    asked = asyncio.Event()

    async def answer(_: bytes, reader: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        asked.set()
        await reader.read()

    async with serve(answer) as port:
        endless = ("--timeout", "3000", "--response-timeout", "3000")
        process = await start("headers", *LOOPBACK, *endless, f"http://127.0.0.1:{port}/")
        await asked.wait()
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        await asyncio.wait_for(process.stderr.readline(), DEADLINE_S)
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.communicate(), DEADLINE_S) == (b"", b"")
    assert process.returncode == 130
