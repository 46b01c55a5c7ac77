"""`masthead inspect`: the report that people read."""

import asyncio
import json
import os
import pty
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import pytest

from service.demo.certificates import make_certificates
from tests.integration.ports import OWN_ADDRESS
from tests.service.commands.running import LOOPBACK, LOOSENED, masthead, start
from tests.service.inspection.dns_server import Zone, serve_names
from tests.service.inspection.servers import HELLO, serve

HOSTILE = (
    b"HTTP/1.1 200 [bold]OK\r\nContent-Type: text/html\r\nServer: \x1b]0;owned\x07Evil/1.2\r\n"
    b"Referrer-Policy: [red]\x9b31m\r\n\r\n"
)


async def test_a_report_tells_outcome_responses_tls_times_grade_and_findings(tmp_path: Path) -> None:
    certificates = make_certificates(tmp_path, "localhost")
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nReferrer-Policy: unsafe-url\r\n\r\n"
    async with serve(page, tls=certificates.trusted) as port:
        url = f"https://localhost:{port}/"
        result = await masthead("inspect", *LOOPBACK, "--ca-file", certificates.authority, url)
    assert (result.status, result.err) == (0, f"{LOOSENED}\n")
    report = result.out.decode()
    for part in (
        f"{url}\n  200 OK",
        "\n  Responses\n    GET  200 OK  ",
        f":{port}, HTTP/1.1, 2 header lines\n",
        "connect ",
        "\n  TLS\n",
        "TLSv1.3, ",
        "verified, valid until 20",
        "names        localhost\n",
        "MDN HTTP Observatory",
        "x-frame-options-not-implemented",
        "\n    medium  The policy unsafe-url sends the whole URL",
        "sent  unsafe-url\n",
        "fix   Referrer-Policy: strict-origin-when-cross-origin\n",
        "see   https://www.w3.org/TR/referrer-policy/#referrer-policies\n",
    ):
        assert " ".join(part.split()) in " ".join(report.split()), part


@pytest.mark.parametrize("is_secured", [True, False])
async def test_an_http_site_is_judged_whole_and_as_its_evidence_is(tmp_path: Path, is_secured: bool) -> None:
    page = [["Content-Type", "application/json"], ["Set-Cookie", "session=1; HttpOnly"]]
    secured = [["Strict-Transport-Security", "max-age=31536000"]]
    certificates = make_certificates(tmp_path, "plain.test")
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(serve(_answer(page), OWN_ADDRESS, port=80))
            if is_secured:
                tls = certificates.trusted
                await stack.enter_async_context(serve(_answer(secured), OWN_ADDRESS, port=443, tls=tls))
        except PermissionError:
            pytest.skip("this user may not listen on the ports 80 and 443")
        resolver = await stack.enter_async_context(serve_names(Zone({"plain.test": [OWN_ADDRESS]})))
        options = (*LOOPBACK, "--resolver", resolver, "--ca-file", certificates.authority)
        (record,) = (await masthead("inspect", *options, "--format", "jsonl", "http://plain.test/")).records
    report = record["report"]["observatory"]
    assert "partial" not in record["report"]
    assert [hop["headers"] for hop in record["https_entry"]["hops"]] == ([secured] if is_secured else [])
    assert report["tests"]["strict-transport-security"]["result"] == (
        "hsts-implemented-max-age-at-least-six-months" if is_secured else "hsts-not-implemented-no-https"
    )
    cookies = "cookies-session-without-secure-flag" + ("-but-protected-by-hsts" if is_secured else "")
    assert report["tests"]["cookies"]["result"] == cookies
    evidence = {
        "url": "http://plain.test/",
        "headers": page,
        "https_headers": secured if is_secured else None,
        "cors": {"status": 200, "headers": page, "origin": None},
    }
    given = b"".join(json.dumps(line).encode() + b"\n" for line in (evidence, record))
    of_evidence, again = (await masthead("grade", "-", given=given)).records
    assert of_evidence["report"]["observatory"] == report
    assert again["report"]["observatory"] == report


def _answer(headers: list[list[str]]) -> bytes:
    lines = [f"{name}: {value}\r\n" for name, value in headers]
    return f"HTTP/1.1 200 OK\r\n{''.join(lines)}\r\n".encode()


async def test_a_failure_has_a_report_and_is_no_failure_of_the_command() -> None:
    result = await masthead("inspect", "http://10.0.0.1/")
    assert result.status == 0
    assert result.out.startswith(b"http://10.0.0.1/\n  blocked_address 10.0.0.1 ")
    assert result.err == (
        "masthead: 1 address was refused by the egress guard; --allow-net CIDR lets a network through\n"
    )


async def test_reports_come_in_the_order_given() -> None:
    async with serve(HELLO) as port:
        urls = (f"http://127.0.0.1:{port}/", "http://10.0.0.1/")  # the second is done first
        result = await masthead("inspect", *LOOPBACK, "--format", "jsonl", *urls)
    assert [line.split(b'"input":')[1].split(b",")[0] for line in result.out.splitlines()] == [
        f'"{url}"'.encode() for url in urls
    ]


async def shown_on_a_terminal(*arguments: str) -> bytes:
    ours, theirs = pty.openpty()
    process = await start("inspect", *LOOPBACK, *arguments, stdout=theirs)
    os.close(theirs)
    shown = await asyncio.to_thread(_read_all, ours)
    assert await process.wait() == 0
    os.close(ours)
    return shown


def _read_all(terminal: int) -> bytes:
    shown = b""
    with suppress(OSError):  # EIO: nobody has the other end any more
        while part := os.read(terminal, 65_536):
            shown += part
    return shown


async def test_on_a_terminal_nothing_that_a_server_sent_acts() -> None:
    async with serve(HOSTILE) as port:
        shown = await shown_on_a_terminal(f"http://127.0.0.1:{port}/")
    assert b"\x1b[" in shown  # it is coloured, by us
    assert b"[bold]OK" in shown
    assert b"\x1b]0;" not in shown
    assert b"\x07" not in shown
    assert "\x9b".encode() not in shown
    assert rb"[red]\x9b31m" in shown


async def test_json_on_a_terminal_says_the_same_and_does_not_act_either() -> None:
    async with serve(HOSTILE) as port:
        shown = await shown_on_a_terminal("--format", "jsonl", f"http://127.0.0.1:{port}/")
    assert all(0x20 <= byte < 0x7F for byte in shown.rstrip())
    headers = json.loads(shown)["hops"][0]["headers"]
    assert ["Referrer-Policy", "[red]\x9b31m"] in headers
    assert ["Server", "\x1b]0;owned\x07Evil/1.2"] in headers


async def test_an_argument_that_is_not_utf8_is_an_invalid_url() -> None:
    result = await masthead("inspect", os.fsdecode(b"caf\xe9.example"))
    assert (result.status, result.err) == (0, "")
    assert b"\n  invalid_url " in result.out
