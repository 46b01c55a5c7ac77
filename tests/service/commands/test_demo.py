"""`masthead demo`: what `make run` shows."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.service.commands.running import DEADLINE_S, masthead, start
from tests.service.inspection.dns_server import Zone, serve_names

CODES = {
    *("invalid_url", "unsupported_scheme", "blocked_address", "blocked_port", "dns_not_found"),
    *("connect_refused", "tls_certificate", "tls_failed", "response_timeout", "response_malformed"),
    *("connection_closed", "too_many_redirects", "redirect_invalid"),
}


async def test_the_fleet_is_inspected_and_summed_up(tmp_path: Path) -> None:
    result = await masthead("demo", cwd=tmp_path)
    assert (result.status, result.err) == (0, "")
    told = result.out.decode()
    for label in ("records", "grades", "failures", "findings", "slowest phase", "loop lag"):
        assert f"\n{label}  " in told
    assert told.endswith("records are in  out/records.jsonl\n")
    assert "egress guard" not in told  # that the fleet has such an address is part of the show
    records = [json.loads(line) for line in (tmp_path / "out/records.jsonl").read_text().splitlines()]
    assert {record["error"]["code"] for record in records if record["error"]} == CODES
    assert f"records         {len(records)} in " in told
    reports = [record["report"] for record in records if record["report"]]
    grades = {report["observatory"]["grade"] for report in reports if report["observatory"]}
    assert {"A+", "F"} <= grades


async def test_a_list_of_yours_takes_the_fleets_place(tmp_path: Path) -> None:
    file = tmp_path / "urls"
    file.write_text("10.0.0.1\nhttp://[bad\n")
    result = await masthead("demo", file, "-o", tmp_path / "here")
    assert (result.status, result.err) == (0, "")
    assert "failures        blocked_address 1, invalid_url 1\n" in result.out.decode()
    assert "1 address was refused by the egress guard; --allow-net CIDR" in result.out.decode()
    records = tmp_path / "here/records.jsonl"
    assert len(records.read_bytes().splitlines()) == 2
    size = records.stat().st_size
    again = await masthead("demo", file, "-o", tmp_path / "here")
    assert (again.status, again.err) == (0, f"masthead: {records}: {size:,} bytes of before are replaced\n")


async def test_a_list_that_cannot_be_read_exits_2(tmp_path: Path) -> None:
    result = await masthead("demo", tmp_path / "absent", "-o", tmp_path)
    assert result.status == 2
    assert result.err == f"masthead: {tmp_path}/absent: cannot be read: No such file or directory\n"


async def test_a_directory_that_cannot_be_made_exits_4(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    result = await masthead("demo", "-o", tmp_path / "taken")
    assert result.status == 4
    assert result.err == f"masthead: {tmp_path}/taken: the output cannot be written: File exists\n"


async def test_the_sites_alone_are_served_until_a_signal(tmp_path: Path) -> None:
    address = "127.80.44.3"  # of loopback, and nobody else's: the ports are fixed
    serving = await start("demo", "--serve", address, "-o", tmp_path)
    assert serving.stdout is not None
    try:
        line = await asyncio.wait_for(serving.stdout.readline(), DEADLINE_S)
        if not line:
            pytest.skip("the ports 80 and 443 cannot be had")
        assert b"good, middling, poor" in line
        async with serve_names(Zone({"good.masthead.test": [address]})) as resolver:
            options = ("--allow-net", "127.0.0.0/8", "--resolver", resolver)
            options = (*options, "--ca-file", tmp_path / "authority.pem", "--format", "jsonl")
            result = await masthead("inspect", "good.masthead.test", *options)
    finally:
        serving.terminate()
        await serving.wait()
    (record,) = result.records
    assert (record["outcome"], record["hops"][0]["tls"]["verified"]) == ("ok", True)
    assert record["http_entry"]["hops"][0]["status"] == 200
    assert serving.returncode == 0


async def test_an_address_that_is_not_here_cannot_be_served_on(tmp_path: Path) -> None:
    result = await masthead("demo", "--serve", "192.0.2.1", "-o", tmp_path)
    assert result.status == 2
    assert "--serve: 192.0.2.1: cannot be bound" in result.err
