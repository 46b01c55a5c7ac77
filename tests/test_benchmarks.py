"""The benchmarks' own parts: what would make their figures wrong without anybody noticing."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path

import aiodns
import pycares
import pytest

from tests.benchmarks import peers
from tests.benchmarks.instructions import COLLECTED, FUNCTION
from tests.benchmarks.lab import lab
from tests.benchmarks.measure import Run, ratios, run_command, run_in_rounds, spread
from tests.benchmarks.options import parse_options
from tests.benchmarks.pace import Flight, Pace, Record, read_flights
from tests.benchmarks.peers import Peer, Work, expect_heads
from tests.benchmarks.programs import compile_c, serving
from tests.benchmarks.table import Table
from tests.benchmarks.targets import address, free_port, write_addresses

ROOT = Path(__file__).parents[1]
RUN = Run(wall_s=1, user_s=0.5, sys_s=0.25, children_s=0, peak_bytes=1 << 20, told="")
HOSTS = 40

needs_compiler = pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")


def test_rounds_begin_with_another_peer_each_time() -> None:
    order: list[str] = []

    def runner(name: str) -> Run:
        order.append(name)
        return RUN

    runs = run_in_rounds({name: partial(runner, name) for name in "abc"}, 3)
    assert "".join(order) == "abcbcacab"
    assert [len(done) for done in runs.values()] == [3, 3, 3]


def test_ratios_are_of_the_same_round() -> None:
    assert ratios([2, 3], [1, 6]) == [2, 0.5]
    assert spread([3, 1, 2], " s", 1) == "2.0 s (1.0–3.0)"
    assert RUN.cpu_s == 0.75
    assert RUN.peak_mib == 1


def test_a_run_tells_time_of_a_process_and_of_those_it_waited_for() -> None:
    burn = "import time\nwhile time.process_time() < 0.2: pass"
    own = run_command([sys.executable, "-c", burn])
    assert own.cpu_s >= 0.2
    assert own.children_s == 0
    parent = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"
    waited = run_command([sys.executable, "-c", parent, burn])
    assert 0.1 < waited.children_s < waited.cpu_s  # the former in ticks of a hundredth
    # As masthead's workers are: what a process does not wait for is not in its time.
    left = run_command([sys.executable, "-c", parent.replace("run(", "Popen(") + ".returncode = 0", burn])
    assert left.children_s == 0
    assert left.cpu_s < 0.2


def test_a_peak_is_that_of_the_command_and_not_of_who_measures_it() -> None:
    held = bytearray(64 << 20)
    assert run_command(["true"]).peak_mib < 32
    assert len(held)


def test_a_command_that_fails_fails_the_benchmark() -> None:
    with pytest.raises(SystemExit, match=r"sh ended with 3:\nwhy"):
        run_command(["sh", "-c", "echo why; exit 3"])


def test_output_goes_where_it_is_wanted(tmp_path: Path) -> None:
    output = tmp_path / "output"
    run = run_command(
        ["sh", "-c", "cat; echo aside >&2"], standard_input=Path(__file__), standard_output=output
    )
    assert run.told == "aside\n"
    assert output.read_bytes() == Path(__file__).read_bytes()


def test_a_short_output_fails_the_run() -> None:
    assert expect_heads(RUN, "who", 3, 3) is RUN
    with pytest.raises(SystemExit, match="who was to see 3 heads and saw 2"):
        expect_heads(RUN, "who", 3, 2)


def test_a_pace_is_measured_in_the_middle_and_compared_with_the_concurrency() -> None:
    # Ten at once, each for a second, after a slow start: ten a second in the middle.
    flights = [Flight(n / 10 if n > 5 else 0.0, 1.0) for n in range(100)]
    pace = Pace.of(flights, concurrency=10)
    assert pace.rate == pytest.approx(10)
    assert pace.arithmetic == pytest.approx(10)
    assert pace.share == pytest.approx(1)


def test_flights_are_read_from_records_that_are_checked(tmp_path: Path) -> None:
    records = tmp_path / "records"
    checked: list[Record] = []
    records.write_text('{"started_at": "1970-01-01T00:00:10.500Z", "elapsed_ms": 250.0}\n')
    assert read_flights(records, checked.append) == [Flight(10.75, 0.25)]
    assert checked[0]["elapsed_ms"] == 250.0


def test_a_table_is_text_and_markdown() -> None:
    table = Table("title", ("a", "b"), [("1", "2|3"), ("long", "")], ("note",))
    assert table.text() == "title\n  a     b\n  1     2|3\n  long\n  note"
    assert table.markdown() == "title\n\n| a | b |\n| --- | --- |\n| 1 | 2\\|3 |\n| long |  |\n\nnote"


def test_options_are_read() -> None:
    options = parse_options(["plain", "--rounds", "2", "--hosts", "2000", "--markdown"])
    assert (options.names, options.rounds, options.hosts, options.markdown) == (("plain",), 2, 2_000, True)
    assert parse_options(["instructions", "--gate", "130000"]).gate == 130_000


def test_every_host_has_an_address_of_its_own(tmp_path: Path) -> None:
    listed = tmp_path / "urls"
    write_addresses(listed, 70_000, 80)
    lines = listed.read_text().splitlines()
    assert len(set(lines)) == 70_000
    assert lines[0] == "http://127.1.0.0:80/"
    assert lines[-1] == f"http://{address(69_999)}:80/" == "http://127.2.17.111:80/"


def test_callgrind_s_figures_are_read() -> None:
    assert COLLECTED.findall("==12== Events    : Ir\n==12== Collected : 5819\n") == ["5819"]
    told = (
        "369,068,335 (14.22%)  Python/ceval.c:_PyEval_EvalFrameDefault'2 [/lib/libpython3.11.so.1.0]\n"
        "  1,742 ( 0.07%)  ???:json_encode_str [/lib/_core.so]\n"
        "     12 ( 0.00%)  Include/object.h:_PyFrame_Clear\n"
        "2,594,868,670 (100.0%)  PROGRAM TOTALS\n"
    )
    assert FUNCTION.findall(told) == [
        ("369,068,335", "_PyEval_EvalFrameDefault"),
        ("1,742", "json_encode_str"),
        ("12", "_PyFrame_Clear"),
    ]


def test_a_plot_is_the_same_each_time(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the extra `bench` is not installed")
    from tests.benchmarks.plot import AT_ONCE, LENGTH, MAKERS, Point, drawing

    points = [
        Point(axis, client, 10**n, n, n) for axis in (AT_ONCE, LENGTH) for client in MAKERS for n in (1, 2)
    ]
    for name in ("one", "two"):
        drawing()(points, tmp_path / name)
    picture = (tmp_path / "one").read_text()
    assert picture == (tmp_path / "two").read_text()
    assert "asyncio streams" in picture
    assert str(time.gmtime().tm_year) not in picture


@needs_compiler
@pytest.mark.parametrize(
    "make", [peers.limit, peers.curl, peers.go, peers.memo], ids=lambda make: make.__name__
)
def test_a_peer_sees_every_head_and_fails_where_one_is_missing(
    make: Callable[[Work], Peer | None], tmp_path: Path
) -> None:
    work = Work(tmp_path, tmp_path / "urls", HOSTS, concurrency=8)
    port = free_port()
    write_addresses(work.urls, HOSTS, port)
    peer = make(work)
    if peer is None:
        pytest.skip("not installed")
    with serving([compile_c("slow_server.c", tmp_path), str(port), "10"]):
        run = peer.run()
    assert run.wall_s > 0.01 * HOSTS / work.concurrency
    with pytest.raises(SystemExit):
        peer.run()


@needs_compiler
def test_the_slow_server_says_how_many_waited(tmp_path: Path) -> None:
    port = free_port()
    with serving([compile_c("slow_server.c", tmp_path), str(port), "100"]) as server:
        clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(3)]
        began = time.perf_counter()
        for client in clients:
            client.sendall(b"HEAD / HTTP/1.1\r\n\r\n")
        for client in clients:
            with client:
                assert client.recv(64).startswith(b"HTTP/1.1 200 OK\r\n")
        assert time.perf_counter() - began > 0.09
        assert server.end() == "3\n"


@needs_compiler
async def test_the_name_server_computes_addresses(tmp_path: Path) -> None:
    port = free_port()
    with serving([compile_c("name_server.c", tmp_path), "127.0.0.1", str(port), "127.1.0.0"]):
        resolver = aiodns.DNSResolver(nameservers=[f"127.0.0.1:{port}"], timeout=5)
        answer = await resolver.query_dns("H258.Bench.example", "A")
        found = [record.data for record in answer.answer]
        assert [data.addr for data in found if isinstance(data, pycares.ARecordData)] == ["127.1.1.2"]
        for name, kind in (
            ("h1.bench.example", "AAAA"),
            ("dead1.bench.example", "A"),
            ("h1.other.example", "A"),
        ):
            with pytest.raises(aiodns.error.DNSError) as failed:
                await resolver.query_dns(name, kind)
            expected = aiodns.error.ARES_ENODATA if kind == "AAAA" else aiodns.error.ARES_ENOTFOUND
            assert failed.value.args[0] == expected
        await resolver.close()


@needs_compiler
@pytest.mark.parametrize("source", ["limit.c", "name_server.c", "relay.c", "slow_server.c"])
def test_a_source_compiles_without_a_warning(source: str, tmp_path: Path) -> None:
    compile_c(source, tmp_path, "-Werror")
    assert any(os.access(made, os.X_OK) for made in tmp_path.iterdir())


@needs_compiler
@pytest.mark.skipif(
    os.geteuid() != 0 or not Path("/dev/net/tun").exists(), reason="needs root and TUN devices"
)
@pytest.mark.skipif(
    shutil.which("nginx") is None or shutil.which("ip") is None, reason="needs nginx and iproute2"
)
def test_the_lab_s_line_delays_and_loses(tmp_path: Path) -> None:
    script = (
        "import socket, sys, time; began = time.perf_counter()\n"
        "with socket.create_connection((sys.argv[1], 80), timeout=1): print(time.perf_counter() - began)"
    )

    def connect(to: str) -> float:
        command = [*internet.near, sys.executable, "-c", script, to]
        return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    with lab(tmp_path) as internet:
        assert 0.08 <= connect("198.18.0.1") < 0.2
        assert 0.08 <= connect("198.19.127.255") < 0.2
        with pytest.raises(subprocess.CalledProcessError):
            connect("198.19.128.0")


def test_the_plot_s_lock_agrees_with_the_others() -> None:
    pin = re.compile(r"^([a-z0-9-]+)==([\w.+!]+)[^\n]*\\\n    --hash=sha256:", re.MULTILINE)
    locked, tested = (
        set(pin.findall((ROOT / path).read_text()))
        for path in ("tests/benchmarks/requirements-bench.lock", "requirements-dev.lock")
    )
    names = {name for name, _ in tested}
    assert "matplotlib" in {name for name, _ in locked}
    assert {pair for pair in locked if pair[0] in names} <= tested
    lines = (ROOT / "tests/benchmarks/requirements-bench.lock").read_text().splitlines()
    assert all(one.endswith("\\") for one, other in pairwise(lines) if other.startswith("    --hash"))
    assert {line.split(":")[0] for line in lines if line.startswith(" ")} == {"    --hash=sha256"}
