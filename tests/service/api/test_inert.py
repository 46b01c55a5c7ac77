"""What a poisoned site or a hostile client sent is data to whoever reads answers, log or metrics."""

import asyncio
import csv
import io
import json
import re
import signal
from pathlib import Path

import aiohttp
import pytest

from tests.service.api.test_server import run_process
from tests.service.commands.poison import ACTING, HEAD, LABEL, LINES, PARTS
from tests.service.inspection.servers import serve

EVENTS = {"loosened", "configuration read", "listening", "request", "draining", "stopped"}
SERIES = re.compile(r'[a-z_]+(\{([a-z_]+="[A-Za-z0-9_./:{}+-]*",?)*\})? [0-9.e+-]+(inf)?', re.IGNORECASE)
BROWSER_RULES = ("X-Content-Type-Options: nosniff", "Content-Security-Policy: default-src 'none'")


async def ask(address: str, request: bytes) -> bytes:
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request)
    async with asyncio.timeout(20):
        answer = await reader.read()
    writer.close()
    return answer


def hostile_requests() -> list[bytes]:
    encoded = [part.encode("utf-8", "replace") for part in PARTS]
    escaped = ["".join(f"%{byte:02x}" for byte in part).encode() for part in encoded]
    tail = b"Host: localhost\r\nConnection: close\r\n"
    fields = [
        b"X-Request-ID: ",
        b"User-Agent: ",
        b"Accept: ",
        b"Idempotency-Key: ",
        b"Authorization: Bearer ",
    ]
    return [
        *(b"GET /%b HTTP/1.1\r\n%b\r\n" % (path, tail) for path in escaped),
        *(b"GET /v1/jobs/%b HTTP/1.1\r\n%b\r\n" % (path, tail) for path in escaped),
        *(b"GET /livez?%b HTTP/1.1\r\n%b\r\n" % (path, tail) for path in escaped),
        *(b"%b / HTTP/1.1\r\n%b\r\n" % (part, tail) for part in encoded),
        *(b"POST /v1/jobs HTTP/1.1\r\n%b%b%b\r\n\r\n" % (tail, f, part) for f in fields for part in encoded),
    ]


async def test_a_hostile_client_forges_no_line_of_the_log_and_no_series_of_the_metrics(
    tmp_path: Path,
) -> None:
    requests = hostile_requests()
    async with run_process(data=str(tmp_path), address_rate=0, log_level="debug") as daemon:
        for request in requests:
            answer = await ask(daemon.address, request)
            assert answer.startswith(b"HTTP/1.1 "), request
            head, _, body = answer.decode("latin-1").partition("\r\n\r\n")
            assert head.isascii()
            assert body.isascii(), "JSON with escapes"
            assert not ACTING & set(head + body)
        async with aiohttp.ClientSession() as client, client.get(f"http://{daemon.address}/metrics") as page:
            lines = (await page.text()).splitlines()
        await daemon.stop(signal.SIGTERM)
        assert daemon.process.stderr is not None
        log = (await daemon.process.stderr.read()).decode("ascii")
    assert [line for line in lines if not line.startswith("#") and not SERIES.fullmatch(line)] == []
    entries = [json.loads(line) for line in log.splitlines()]
    assert sum(entry["event"] == "request" for entry in entries) >= len(requests)
    assert {entry["event"] for entry in entries if entry["level"] != "debug"} <= EVENTS
    assert not ACTING & set(log.replace("\n", ""))
    assert LABEL not in log


@pytest.mark.parametrize("accept", ["application/json", "application/x-ndjson"])
async def test_records_of_a_poisoned_site_are_data_to_browsers(accept: str) -> None:
    async with run_process() as daemon, serve(HEAD) as port:
        body = json.dumps({"urls": [f"http://127.0.0.1:{port}/", *LINES]}).encode()
        answer = await ask(
            daemon.address,
            b"POST /v1/inspections HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Accept: %b\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b"
            % (accept.encode(), len(body), body),
        )
    head = answer.partition(b"\r\n\r\n")[0].decode("ascii")
    assert head.startswith("HTTP/1.1 200 OK\r\n")
    assert f"\r\nContent-Type: {accept}\r\n" in head
    assert all(rule in head for rule in BROWSER_RULES)
    assert b"analysis_failed" not in answer


async def test_a_job_s_csv_has_no_formula_and_its_surrogates_are_text(tmp_path: Path) -> None:
    lone = '"http://a.test/\\ud800"'  # in JSON only: no text in UTF-8 has one
    async with (
        run_process(data=str(tmp_path)) as daemon,
        aiohttp.ClientSession() as client,
        serve(HEAD) as port,
    ):
        url = f"http://{daemon.address}/v1/jobs"
        listed = ",".join([json.dumps(f"http://127.0.0.1:{port}/"), lone, *map(json.dumps, LINES)])
        headers = {"Content-Type": "application/json"}
        async with client.post(url, data=f'{{"urls": [{listed}]}}', headers=headers) as answer:
            assert answer.status == 202
            job = (await answer.json())["id"]
        async with client.get(f"{url}/{job}/events", headers={"Accept": "text/event-stream"}) as events:
            async with asyncio.timeout(30):
                told = await events.text()  # to the end of the job
        async with client.get(f"{url}/{job}/results", headers={"Accept": "text/csv"}) as answer:
            rows = list(csv.DictReader(io.StringIO(await answer.text(), newline=""), strict=True))
    assert told.count("\nevent: record\n") == len(rows) == 2 + len(LINES)
    begins = tuple("=+-@\t\r\n\uff1d")
    assert not [cell for row in rows for cell in row.values() if cell.startswith(begins)]
    assert any("\\ud800" in row["input"] for row in rows)
