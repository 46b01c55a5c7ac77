"""Names as dnsmasq, a resolver that homes and clouds run, serves them; its own log counts the questions."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.broken_server import says, serve
from tests.integration.inspecting import inspect, inspect_one
from tests.integration.ports import free_port
from tests.integration.real_servers import await_listener, end, find

OK = says(b"HTTP/1.1 200 OK\r\n\r\n")
CROWD = (
    120  # addresses of one name: more than an answer of 512 bytes holds, so it comes truncated, then by TCP
)


@dataclass(frozen=True, slots=True)
class Dnsmasq:
    port: int
    log: Path

    @property
    def resolver(self) -> str:
        return f"127.0.0.1:{self.port}"

    def questions(self, name: str) -> list[str]:
        """The types that were asked for the name, in order."""
        lines = self.log.read_text().splitlines()
        return [line.split("query[")[1].split("]")[0] for line in lines if f"] {name} from" in line]


@pytest.fixture
def dnsmasq(tmp_path: Path) -> Iterator[Dnsmasq]:
    program = find("dnsmasq")
    if program is None:
        pytest.skip("dnsmasq is not installed (tests/integration/install_servers.sh)")
    started = Dnsmasq(free_port(), tmp_path / "dnsmasq.log")
    started.log.touch()
    crowd = [f"--host-record=crowd.test,127.0.1.{number}" for number in range(1, CROWD + 1)]
    process = subprocess.Popen(
        [
            program,
            *("--keep-in-foreground", "--no-resolv", "--no-hosts", "--conf-file=/dev/null", "--user="),
            *("--listen-address=127.0.0.1", "--bind-interfaces", f"--port={started.port}", "--pid-file="),
            *("--log-queries", f"--log-facility={started.log}", "--local-ttl=300", "--edns-packet-max=512"),
            *("--local=/test/", "--host-record=one.test,127.0.0.1", "--host-record=six.test,::1"),
            *("--cname=alias.test,middle.test", "--cname=middle.test,one.test"),
            *("--host-record=mixed.test,127.0.0.1", "--host-record=mixed.test,10.0.0.1"),
            *crowd,
        ],
        stdin=subprocess.DEVNULL,
    )
    try:
        await_listener(process, started.port, started.log)
        yield started
    finally:
        end(process)


@pytest.mark.parametrize("name", ["one.test", "alias.test"])
async def test_an_address_is_found_through_aliases_too(dnsmasq: Dnsmasq, name: str) -> None:
    async with serve({"": OK}) as server:
        record = await inspect_one(f"http://{name}:{server.port}/", resolver=dnsmasq.resolver)
    assert record.outcome == "ok", record.error
    assert record.hops[0].address == f"127.0.0.1:{server.port}"


async def test_a_name_that_is_not_there_is_not_found(dnsmasq: Dnsmasq) -> None:
    record = await inspect_one("http://none.test/", resolver=dnsmasq.resolver)
    assert record.error is not None
    assert (record.error.code, record.error.stage) == ("dns_not_found", "resolve")


async def test_a_zone_that_nobody_serves_is_a_failure_and_not_an_absence(dnsmasq: Dnsmasq) -> None:
    """dnsmasq refuses what it has no server for: that says nothing of whether the name exists."""
    record = await inspect_one("http://name.elsewhere/", resolver=dnsmasq.resolver)
    assert record.error is not None
    assert (record.error.code, record.error.stage) == ("dns_failed", "resolve")


async def test_one_private_address_refuses_the_name(dnsmasq: Dnsmasq) -> None:
    record = await inspect_one("http://mixed.test/", resolver=dnsmasq.resolver)
    assert record.error is not None
    assert record.error.code == "blocked_address"


async def test_a_name_is_asked_for_once_while_its_ttl_lasts(dnsmasq: Dnsmasq) -> None:
    async with serve({"": OK}) as server:
        urls = [f"http://one.test:{server.port}/?{number}" for number in range(30)]
        records = await inspect(*urls, resolver=dnsmasq.resolver, concurrency=5)
    assert {record.outcome for record in records} == {"ok"}
    assert dnsmasq.questions("one.test").count("A") == 1


async def test_an_answer_too_long_for_a_datagram_is_fetched_whole(dnsmasq: Dnsmasq) -> None:
    record = await inspect_one(
        "http://crowd.test/", resolver=dnsmasq.resolver, deny_net=(f"127.0.1.{CROWD}/32",)
    )
    assert record.error is not None
    assert record.error.code == "blocked_address", "the last of many addresses was not seen"
