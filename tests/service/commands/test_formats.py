"""What the formats are to whoever reads them: whole, at the right lines, and inert whatever was sent."""

import asyncio
import csv
import io
import json
import re
import signal
from pathlib import Path
from xml.etree import ElementTree

import pytest

from service.output.escape import printable
from tests.service.commands.poison import ACTING as ACTING_CHARACTERS
from tests.service.commands.poison import FORMULAS, HEAD, LINES, MARKDOWN, TERMINAL
from tests.service.commands.running import DEADLINE_S, LOOPBACK, masthead, start
from tests.service.commands.test_inspect import shown_on_a_terminal
from tests.service.inspection.servers import HELLO, serve
from tests.service.output.sarif_log import read_log
from tests.service.output.test_markdown import ACTING, tokens_of

UNREACHED = "http://10.0.0.1/"  # refused by the guard
FORMATS = ("jsonl", "csv", "sarif", "junit")


def write_list(path: Path, *lines: str) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


async def batch_poison(tmp_path: Path, format_name: str, *options: str) -> bytes:
    async with serve(HEAD) as port:
        file = write_list(tmp_path / "urls", "# poison", f"http://127.0.0.1:{port}/", *LINES)
        result = await masthead("batch", *LOOPBACK, *options, "--format", format_name, file)
    assert result.err.replace("\n", "").isprintable()
    return result.out


async def test_json_lines_hold_exactly_what_was_sent(tmp_path: Path) -> None:
    records = [json.loads(line) for line in (await batch_poison(tmp_path, "jsonl")).splitlines()]
    assert len(records) == 1 + len(LINES)
    (reached,) = [record for record in records if record["outcome"] == "ok"]
    assert ["Referrer-Policy", TERMINAL] in reached["hops"][0]["headers"]


async def test_no_cell_of_csv_is_a_formula(tmp_path: Path) -> None:
    out = await batch_poison(tmp_path, "csv")
    rows = list(csv.DictReader(io.StringIO(out.decode(), newline=""), strict=True))
    assert len(rows) == 1 + len(LINES)
    begins = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
    assert not [cell for row in rows for cell in row.values() if cell.startswith(begins)]
    assert {f"'{line}" for line in FORMULAS} <= {row["input"] for row in rows}


async def test_sarif_is_sarif_and_its_messages_do_not_act(tmp_path: Path) -> None:
    run = read_log(await batch_poison(tmp_path, "sarif"))
    assert len(run.results) > 10
    (invocation,) = run.invocations
    assert len(invocation.tool_execution_notifications) == len(LINES)
    texts = [result.message.text for result in run.results]
    texts += [notification.message.text for notification in invocation.tool_execution_notifications]
    assert all(text.replace("\n", "").isprintable() for text in texts)
    assert any(printable(TERMINAL) in text for text in texts)


async def test_junit_is_xml_and_says_what_was_sent(tmp_path: Path) -> None:
    out = await batch_poison(tmp_path, "junit", "--fail-on", "info")
    (suite,) = ElementTree.fromstring(out)
    assert (suite.get("tests"), suite.get("failures")) == (str(1 + len(LINES)), "1")
    assert suite.get("errors") == str(len(LINES))
    assert {printable(line) for line in LINES} < {case.get("name") for case in suite.iter("testcase")}
    assert printable(TERMINAL) in (suite.findtext("testcase/failure") or "")
    assert set(suite.iter()) == {suite, *suite, *suite.findall("testcase/*")}


async def test_markdown_is_text_with_links_to_references_alone() -> None:
    async with serve(HEAD) as port:
        lines = [line.replace("\0", "") for line in LINES]  # which no argument can hold
        result = await masthead(
            "inspect", *LOOPBACK, "--format", "markdown", "--", f"http://127.0.0.1:{port}/", *lines
        )
    document = result.out.decode()
    assert document.replace("\n", "").isprintable()
    assert printable(MARKDOWN) in document
    tokens = list(tokens_of(document))
    assert not {token.type for token in tokens} & ACTING
    links = [str(token.attrs["href"]) for token in tokens if token.type == "link_open"]
    assert links
    assert not [link for link in links if "evil" in link or not link.startswith("https://")]
    assert [token.tag for token in tokens if token.type == "heading_open"].count("h2") == 1 + len(LINES)


@pytest.mark.parametrize("format_name", ["table", "jsonl", "markdown", "sarif", "junit"])
async def test_on_a_terminal_nothing_that_a_server_sent_acts(format_name: str) -> None:
    async with serve(HEAD) as port:
        shown = await shown_on_a_terminal("--format", format_name, f"http://127.0.0.1:{port}/")
    text = shown.decode()
    if format_name == "table":  # its colours are ours, and all that acts
        text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert not ACTING_CHARACTERS & set(text)


@pytest.mark.parametrize("command", ["batch", "inspect"])
async def test_findings_are_at_the_line_of_their_url(tmp_path: Path, command: str) -> None:
    async with serve(HELLO) as port:
        url = f"http://127.0.0.1:{port}/"
        write_list(tmp_path / "urls.txt", "# a list", "", f"{url}a", "", f"{url}b", UNREACHED)
        what = ("urls.txt",) if command == "batch" else (f"{url}a", f"{url}b", UNREACHED)
        result = await masthead(command, *LOOPBACK, "--format", "sarif", *what, cwd=tmp_path)
    run = read_log(result.out)
    places = {
        result.web_request.target: (
            result.locations[0].physical_location.artifact_location.uri,
            result.locations[0].physical_location.region.start_line,
        )
        for result in run.results
    }
    if command == "batch":
        assert places == {f"{url}a": ("urls.txt", 3), f"{url}b": ("urls.txt", 5)}
    else:
        assert places == {f"{url}a": (f"{url}a", 1), f"{url}b": (f"{url}b", 1)}
    (notification,) = run.invocations[0].tool_execution_notifications
    assert notification.locations[0].physical_location.region.start_line == (6 if command == "batch" else 1)


async def test_junit_names_the_list_and_its_lines(tmp_path: Path) -> None:
    write_list(tmp_path / "urls.txt", "", UNREACHED, "# none", UNREACHED)
    result = await masthead("batch", "--format", "junit", "urls.txt", cwd=tmp_path)
    assert result.status == 0
    cases = list(ElementTree.fromstring(result.out).iter("testcase"))
    assert sorted((case.get("file"), case.get("line")) for case in cases) == [
        ("urls.txt", "2"),
        ("urls.txt", "4"),
    ]


async def test_a_list_from_stdin_has_lines_too() -> None:
    result = await masthead("batch", "--format", "sarif", "-", given=f"\n\n{UNREACHED}\n".encode())
    (notification,) = read_log(result.out).invocations[0].tool_execution_notifications
    place = notification.locations[0].physical_location
    assert (place.artifact_location.uri, place.region.start_line) == ("stdin", 3)


@pytest.mark.parametrize("format_name", ["sarif", "junit"])
async def test_a_list_without_urls_is_a_whole_document(tmp_path: Path, format_name: str) -> None:
    result = await masthead("batch", "--format", format_name, write_list(tmp_path / "urls", "# none"))
    assert result.status == 0
    if format_name == "sarif":
        assert read_log(result.out).results == []
    else:
        assert list(ElementTree.fromstring(result.out).iter("testcase")) == []


@pytest.mark.parametrize("format_name", ["sarif", "junit"])
@pytest.mark.parametrize("signals", [(signal.SIGTERM,), (signal.SIGTERM, signal.SIGTERM)])
async def test_a_run_that_is_stopped_leaves_a_whole_document(
    tmp_path: Path, format_name: str, signals: tuple[signal.Signals, ...]
) -> None:
    waiting, go = asyncio.Event(), asyncio.Event()

    async def answer(head: bytes, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if b" /slow " in head:
            waiting.set()
            await go.wait()
        writer.write(HELLO)
        await writer.drain()

    async with serve(answer) as port:
        urls = [f"http://127.0.0.1:{port}/{path}" for path in ("quick", "slow", "never")]
        process = await start(
            *("batch", *LOOPBACK, "--format", format_name, "--concurrency", "1"),
            write_list(tmp_path / "urls", *urls),
        )
        assert process.stderr is not None
        await waiting.wait()
        first, *further = signals
        process.send_signal(first)
        # It has been heard before what is in flight ends, and before another one comes.
        await asyncio.wait_for(process.stderr.readuntil(b"stopping: "), DEADLINE_S)
        for number in further:
            process.send_signal(number)
        if not further:
            go.set()
        out, _ = await asyncio.wait_for(process.communicate(), DEADLINE_S)
    assert process.returncode == 143
    if format_name == "sarif":
        (invocation,) = read_log(out).invocations
        assert not invocation.execution_successful
    else:
        (suite,) = ElementTree.fromstring(out)
        assert suite.findtext("system-err") == "the list was not inspected to its end: stopped by SIGTERM"


async def test_a_list_that_breaks_is_a_run_that_failed(tmp_path: Path) -> None:
    (tmp_path / "urls").write_bytes(b"\x1f\x8b broken")
    result = await masthead("batch", "--format", "sarif", tmp_path / "urls")
    assert result.status == 2
    (invocation,) = read_log(result.out).invocations
    assert not invocation.execution_successful


async def test_a_document_that_cannot_be_written_exits_4(tmp_path: Path) -> None:
    file = write_list(tmp_path / "urls", UNREACHED)
    result = await masthead("batch", "--format", "junit", "-o", "/dev/full", file)
    assert result.status == 4
    assert result.err == "masthead: /dev/full: the output cannot be written: No space left on device\n"


async def test_a_format_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    result = await masthead("batch", "--format", "markdown", write_list(tmp_path / "urls", UNREACHED))
    assert result.status == 2
    assert all(name in result.err for name in FORMATS)
