"""Gates, through the command: the exit status, and what is said of it."""

import asyncio
import signal
from pathlib import Path

import pytest

from tests.service.commands.running import DEADLINE_S, LOOPBACK, masthead, start
from tests.service.inspection.servers import serve

POOR = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nReferrer-Policy: unsafe-url\r\n\r\n"
GOOD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nReferrer-Policy: no-referrer\r\n"
    b"Content-Security-Policy: default-src 'none'; base-uri 'none'; form-action 'none';"
    b" frame-ancestors 'none'\r\n"
    b"X-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY\r\n"
    b"Cross-Origin-Resource-Policy: same-origin\r\nCross-Origin-Opener-Policy: same-origin\r\n"
    b"Permissions-Policy: camera=()\r\n\r\n"
)
BROKEN = b"HTTP/1.1 500 Oops\r\n\r\n"
UNREACHED = "http://10.0.0.1/"
REFUSAL = "the Observatory grades no page with status 500"
ONE_CHECK = ("--checks", "referrer-policy")  # of GOOD it has nothing to say, of POOR one thing
HEADS = {b"/poor": POOR, b"/good": GOOD, b"/broken": BROKEN}


async def answer(head: bytes, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(HEADS[head.split(b" ", 2)[1]])
    await writer.drain()


async def judge(tmp_path: Path, *options: str, paths: tuple[str, ...] = ("good", "poor")) -> tuple[int, str]:
    """The exit status and what was said of gates, with the port taken out."""
    async with serve(answer) as port:
        base = f"http://127.0.0.1:{port}/"
        file = tmp_path / "urls"
        file.write_text("".join(f"{path if ':' in path else base + path}\n" for path in paths))
        result = await masthead("batch", *LOOPBACK, "-q", *ONE_CHECK, *options, file)
        assert len(result.records) == len(paths)
    return result.status, result.err.replace(base, "/")


async def test_without_gates_nothing_is_said() -> None:
    result = await masthead("inspect", UNREACHED)
    assert result.status == 0
    assert "fail" not in result.err


async def test_a_gate_that_is_met_exits_0(tmp_path: Path) -> None:
    assert await judge(tmp_path, "--fail-under", "b+", "--fail-on", "info", paths=("good",)) == (0, "")


async def test_a_grade_that_is_too_low_exits_1_and_is_named(tmp_path: Path) -> None:
    status, err = await judge(tmp_path, "--fail-under", "b")
    assert status == 1
    first, url = err.splitlines()
    assert first == "masthead: --fail-under B is not met by 1 of 2 URLs: 1 graded lower"
    assert url.startswith("  /poor: grade ")


async def test_a_partial_grade_says_that_it_is_one(tmp_path: Path) -> None:
    _, err = await judge(tmp_path, "--fail-under", "A+", "--depth", "headers", paths=("poor",))
    assert err.endswith(" (partial)\n")


async def test_a_finding_that_is_too_severe_exits_1_and_is_counted(tmp_path: Path) -> None:
    assert (await judge(tmp_path, "--fail-on", "high"))[0] == 0
    status, err = await judge(tmp_path, "--fail-on", "MEDIUM")
    assert status == 1
    assert err.startswith(
        "masthead: --fail-on medium is not met by 1 of 2 URLs: 1 with such findings\n  /poor: "
    )


@pytest.mark.parametrize("gate", [("--fail-under", "F"), ("--fail-on", "high")])
@pytest.mark.parametrize(
    ("path", "told"), [(UNREACHED, "blocked_address"), ("broken", f"status 500, not graded: {REFUSAL}")]
)
async def test_what_failed_or_cannot_be_graded_meets_no_gate(
    tmp_path: Path, gate: tuple[str, str], path: str, told: str
) -> None:
    status, err = await judge(tmp_path, *gate, paths=(path,))
    assert status == 1
    assert err.splitlines()[1].endswith(f": {told}")


async def test_what_nobody_judged_meets_no_gate(tmp_path: Path) -> None:
    assert (await judge(tmp_path, "--checks", "none", "--fail-on", "high", paths=("good",)))[0] == 1


async def test_both_gates_are_told(tmp_path: Path) -> None:
    status, err = await judge(tmp_path, "--fail-under", "A", "--fail-on", "medium")
    assert status == 1
    assert [line.split(" is not")[0] for line in err.splitlines() if not line.startswith(" ")] == [
        "masthead: --fail-on medium",
        "masthead: --fail-under A",
    ]


async def test_inspect_has_gates_too() -> None:
    async with serve(answer) as port:
        urls = [f"http://127.0.0.1:{port}/{path}" for path in ("good", "poor")]
        result = await masthead("inspect", *LOOPBACK, "--depth", "headers", "--fail-on", "medium", *urls)
    assert result.status == 1
    assert f"  {urls[1]}: " in result.err


async def test_a_gate_is_a_setting(tmp_path: Path) -> None:
    (tmp_path / "masthead.toml").write_text('fail_under = "b+"\n')
    env = {"MASTHEAD_FAIL_ON": "high"}
    result = await masthead("inspect", "--config", tmp_path / "masthead.toml", UNREACHED, env=env)
    assert result.status == 1
    assert "--fail-under B+ is not met by the URL: 1 failed" in result.err
    assert "--fail-on high is not met by the URL: 1 failed" in result.err


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("--fail-under", "E", "expected a grade: A+, A, A-, B+, B, B-, C+, C, C-, D+, D, D-, F, got 'E'"),
        ("--fail-under", "", "expected a grade: A+, A, A-, B+, B, B-, C+, C, C-, D+, D, D-, F, got ''"),
        ("--fail-on", "worst", "expected info, low, medium or high, got 'worst'"),
    ],
)
async def test_a_gate_that_is_none_is_refused_with_what_was_expected(
    option: str, value: str, expected: str
) -> None:
    result = await masthead("inspect", option, value, UNREACHED)
    assert (result.status, result.out) == (2, b"")
    assert result.err == f"masthead: command line: {option}: {expected}\n"


async def test_input_that_breaks_goes_before_a_gate(tmp_path: Path) -> None:
    (tmp_path / "urls").write_bytes(UNREACHED.encode() + b"\n")
    assert (await masthead("batch", "-q", "--fail-on", "high", tmp_path / "urls")).status == 1
    (tmp_path / "urls").write_bytes(b"\x1f\x8b broken")
    assert (await masthead("batch", "-q", "--fail-on", "high", tmp_path / "urls")).status == 2


async def test_output_that_cannot_be_written_goes_before_a_gate(tmp_path: Path) -> None:
    (tmp_path / "urls").write_text(f"{UNREACHED}\n")
    result = await masthead("batch", "-q", "--fail-on", "high", "-o", "/dev/full", tmp_path / "urls")
    assert result.status == 4


async def test_a_signal_goes_before_a_gate_which_is_told_all_the_same() -> None:
    process = await start("batch", "-q", "--fail-on", "high", "-", stdin=asyncio.subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(UNREACHED.encode() + b"\n")
    await asyncio.wait_for(process.stdout.readline(), DEADLINE_S)
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), DEADLINE_S) == 143  # while its list could go on
    process.stdin.close()
    _, err = await process.communicate()
    assert b"--fail-on high is not met by the URL: 1 failed" in err


@pytest.mark.parametrize(
    ("command", "given", "told"),
    [
        ("batch", b"", "no URLs in stdin"),
        ("batch", b"# none\n\n", "no URLs in stdin"),
        ("grade", b"", "nothing to grade in stdin"),
        ("grade", b"# none\n", "nothing to grade in stdin"),
    ],
)
async def test_where_nothing_was_judged_no_gate_is_met(command: str, given: bytes, told: str) -> None:
    gate = await masthead(command, "-q", "-", "--fail-under", "A+", given=given)
    assert gate.status == 1
    assert gate.err == (f"masthead: {told}\nmasthead: --fail-under A+ is not met: no URL was judged\n")
    plain = await masthead(command, "-q", "-", given=given)
    assert (plain.status, plain.err) == (0, f"masthead: {told}\n")


async def test_records_of_before_meet_a_gate_where_nothing_is_left_to_do(tmp_path: Path) -> None:
    options = ("-q", *ONE_CHECK, "--fail-under", "B", "-o", tmp_path / "records", "--resume")
    async with serve(answer) as port:
        (tmp_path / "urls").write_text(f"http://127.0.0.1:{port}/good\n")
        for _ in range(2):
            result = await masthead("batch", *LOOPBACK, *options, tmp_path / "urls")
            assert (result.status, result.err) == (0, "")


async def test_a_report_for_ci_fails_where_nothing_was_judged() -> None:
    result = await masthead("batch", "-q", "-", "--fail-on", "info", "--format", "junit", given=b"")
    assert result.status == 1
    assert b'tests="1" failures="1"' in result.out
