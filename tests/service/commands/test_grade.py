"""`masthead grade`, run as users run it: header sets, what the real curl printed, HARs, records, garbage."""

import asyncio
import gzip
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.service.commands.running import DEADLINE_S, LOOPBACK, Result, environment, masthead, start
from tests.service.inspection.servers import serve
from tests.service.output.sarif_log import read_log

PAGE = "<html><meta http-equiv='Content-Security-Policy' content=\"default-src 'none'\"></html>"
SET: dict[str, Any] = {"url": "https://a.example/", "headers": [["Content-Type", "text/html"]]}
HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"


def lines(*sets: object) -> bytes:
    return "".join(f"{item if isinstance(item, str) else json.dumps(item)}\n" for item in sets).encode()


async def grade(given: bytes, *options: str) -> Result:
    return await masthead("grade", "-q", "-", *options, given=given)


def results_of(record: dict[str, Any]) -> dict[str, str]:
    return {name: test["result"] for name, test in record["report"]["observatory"]["tests"].items()}


async def test_each_line_gets_one_record_in_the_order_of_the_input() -> None:
    sets = [{**SET, "url": f"https://h{number}.example/", "id": number} for number in range(1_000)]
    result = await grade(lines("# a comment", "", *sets), "--workers", "2")
    assert (result.status, result.err) == (0, "")
    records = list(map(json.loads, result.out.splitlines()))
    assert [record["seq"] for record in records] == list(range(1, 1_001))
    assert [record["input"] for record in records] == [item["url"] for item in sets]
    assert [record["id"] for record in records] == list(range(1_000))


async def test_a_header_set_is_recorded_as_it_was_given() -> None:
    headers = [["Server", "x"], ["set-cookie", "a=1"], ["Set-Cookie", "b=ÿ"], ["X:odd", " two "]]
    given = {
        "url": "HTTPS://u:p@A.example/?q#f",
        "status": 403,
        "headers": headers,
        "id": {"k": [1.50, None]},
    }
    record = (await grade(lines(given))).records[0]
    assert (record["input"], record["url"], record["status"]) == (given["url"], "https://a.example/?q", 403)
    assert record["hops"][0]["headers"] == headers
    assert record["id"] == given["id"]
    assert (record["outcome"], record["depth"]) == ("ok", "full")


async def test_what_a_set_does_not_name_was_gathered_and_is_empty() -> None:
    record = (await grade(lines(SET))).records[0]
    tests = results_of(record)
    assert "not-tested" not in tests.values()
    assert "partial" not in record["report"]
    assert tests["redirection"] == "redirection-to-https"
    assert tests["subresource-integrity"] == "sri-not-implemented-but-no-scripts-loaded"


async def test_depth_headers_leaves_out_what_was_not_gathered() -> None:
    record = (await grade(lines({**SET, "depth": "headers"}))).records[0]
    assert record["report"]["partial"] is True
    left_out = {name for name, result in results_of(record).items() if result == "not-tested"}
    assert {"redirection", "cross-origin-resource-sharing", "subresource-integrity"} <= left_out


@pytest.mark.parametrize(
    ("more", "test", "expected"),
    [
        ({"http": False}, "redirection", "redirection-not-needed-no-http"),
        ({"verified": False}, "redirection", "redirection-invalid-cert"),
        ({"verified": False}, "strict-transport-security", "hsts-invalid-cert"),
        (
            {"redirects": [{"url": "http://a.example/", "status": 200}]},
            "redirection",
            "redirection-missing",
        ),
        (
            {"cors": {"status": 200, "headers": [["Access-Control-Allow-Origin", "*"]], "origin": None}},
            "cross-origin-resource-sharing",
            "cross-origin-resource-sharing-implemented-with-public-access",
        ),
        (
            {
                "url": "http://a.example/",
                "https_headers": [["Strict-Transport-Security", "max-age=31536000"]],
            },
            "strict-transport-security",
            "hsts-implemented-max-age-at-least-six-months",
        ),
        ({"body": PAGE}, "content-security-policy", "csp-implemented-with-no-unsafe-default-src-none"),
    ],
)
async def test_evidence_counts(more: dict[str, Any], test: str, expected: str) -> None:
    record = (await grade(lines({**SET, **more}))).records[0]
    assert results_of(record)[test] == expected


async def test_what_cannot_be_read_gets_a_record_that_says_where_and_why() -> None:
    result = await grade(
        lines(
            "garbage",
            {**SET, "id": 2},
            '{"url": "https://a.example/", "headers"',
            {"url": "https://a.example/", "headers": "x", "id": "four"},
            {"headers": []},
            {"url": "ftp://a.example/", "headers": []},
            {"url": "https://a.example/", "headers": [], "status": 7},
            "[1]",
            {"url": "https://a.example/"},
        )
        + b'{"url": "https://a.example/", "headers": [["a", "\xff"]]}\n',
    )
    assert result.status == 0
    errors = [record["error"] for record in result.records]
    assert [error and error["code"] for error in errors] == [
        *("invalid_url", None, "invalid_url", "response_malformed", "invalid_url"),
        *("unsupported_scheme", "response_malformed", "invalid_url", "response_malformed", "invalid_url"),
    ]
    expected = "expected a header set (`url`, `status`, `headers`: [[name, value], …]), a record or a HAR"
    assert errors[0]["message"].startswith(f"line 1: {expected} as one JSON object, got 'garbage'")
    assert errors[4]["message"] == f"line 5: {expected}, got no `url`"
    assert errors[8]["message"] == f"line 9: {expected}, got no `headers`"
    assert errors[3]["message"] == "line 4: expected a list of [name, value] pairs at headers, got a string"
    assert result.records[3]["id"] == "four"
    assert [record["url"] for record in result.records][3:6] == ["https://a.example/", None, None]


async def test_what_a_browser_shows_besides_http_is_refused_as_in_a_list() -> None:
    urls = ("data:text/html,x", "about:blank", "blob:https://a.example/1", "chrome-extension://abc/x.js")
    entries = [{"request": {"method": "GET", "url": url}, "response": {"status": 200}} for url in urls]
    har = await grade(json.dumps({"log": {"entries": entries}}).encode())
    batch = await masthead("batch", "-q", "-", given="\n".join(urls).encode())
    assert [record["input"] for record in har.records] == list(urls)
    for number, (graded, listed) in enumerate(zip(har.records, batch.records, strict=True), 1):
        assert listed["error"]["code"] == "unsupported_scheme"
        message = f"entry {number}: {listed['error']['message']}"
        assert graded["error"] == {**listed["error"], "message": message}


async def test_a_gate_is_not_met_by_what_a_browser_shows_besides_http() -> None:
    """As by whatever else cannot be judged; README says how to leave it out."""
    answer = {"status": 200, "headers": [{"name": "Content-Type", "value": "text/html"}]}
    entries = [
        {"request": {"method": "GET", "url": url}, "response": answer}
        for url in ("https://a.example/", "data:,x")
    ]
    har = {"log": {"entries": entries}}
    whole = await grade(json.dumps(har).encode(), "--fail-under", "F")
    assert [record["outcome"] for record in whole.records] == ["ok", "error"]
    assert whole.status == 1
    assert "--fail-under F is not met by 1 of 2 URLs: 1 failed\n  data:,x: unsupported_scheme\n" in whole.err
    del entries[1]
    assert (await grade(json.dumps(har).encode(), "--fail-under", "F")).status == 0


async def test_a_line_that_is_too_long_is_named_and_those_behind_it_are_read(tmp_path: Path) -> None:
    file = tmp_path / "sets"
    file.write_bytes(lines(SET, {**SET, "body": "x" * 9_000_000}, SET))
    records = (await masthead("grade", "-q", file)).records
    assert [record["outcome"] for record in records] == ["ok", "error", "ok"]
    assert records[1]["error"]["message"].startswith("line 2: expected at most 8388608 bytes")


@pytest.mark.parametrize("packed", [False, True])
async def test_a_file_may_be_packed_and_begin_with_a_mark(tmp_path: Path, packed: bool) -> None:
    data = b"\xef\xbb\xbf" + lines(SET, SET)
    file = tmp_path / "sets"
    file.write_bytes(gzip.compress(data) if packed else data)
    result = await masthead("grade", "-q", file)
    assert [record["outcome"] for record in result.records] == ["ok", "ok"]


async def test_a_file_that_breaks_gives_the_records_before_the_break_and_exits_2(tmp_path: Path) -> None:
    file = tmp_path / "sets.gz"
    file.write_bytes(gzip.compress(lines(*[SET] * 300))[:-8])
    result = await masthead("grade", file)
    assert result.status == 2
    assert len(result.records) == 300
    assert f"masthead: {file}: line 301: cannot be read: " in result.err


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            b"# urls\nexample.com\n",
            "line 2: expected JSON lines of header sets (`url`, `status`, `headers`), a HAR",
        ),
        (
            b"{\n\tauto_https off\n}\nexample.com {\n}\n",
            "line 1: expected JSON lines of header sets (`url`, `status`",
        ),
        (
            b'{\n  "name": "x",\n  "list": [\n    {\n      "a": 1\n    }\n  ]\n}\n',
            "line 1: expected JSON lines",
        ),
        (b"\xff\xfe{\0", "line 1, byte 0: expected UTF-8 text or gzip, got UTF-16"),
        (
            b'{"log":\n {"entries": [',
            "line 2, column 15: expected a HAR file (HTTP Archive 1.2), which is JSON: expecting value",
        ),
        (
            b'# sets\n{"url": "https://a.test/" "headers": []}\n',
            "line 2, column 27: expected JSON lines, each a whole header set (`url`, `status`, `headers`)",
        ),
        (
            b'{"url": "https://a.test/",\n "headers": []}\n',
            "line 1, column 27: expected JSON lines, each a whole header set (`url`, `status`, `headers`)",
        ),
        (b'{"log": {}}', "expected a HAR file (HTTP Archive 1.2): Object missing required field `entries`"),
    ],
)
async def test_what_is_none_of_the_inputs_exits_2(data: bytes, message: str) -> None:
    result = await grade(data)
    assert (result.status, result.out) == (2, b"")
    assert f"masthead: stdin: {message}" in result.err


async def test_what_is_nested_without_end_is_only_unreadable() -> None:
    deep = "[" * 200_000
    result = await grade(lines(SET, f'{{"url": "https://a.example/", "x": {deep}', SET))
    assert [record["outcome"] for record in result.records] == ["ok", "error", "ok"]
    result = await grade(f'{{"log": {{"entries": [{deep}'.encode())
    assert (result.status, result.out) == (2, b"")
    assert "Traceback" not in result.err


async def test_nothing_to_grade_is_named(tmp_path: Path) -> None:
    result = await grade(b"\n# nothing\n")
    assert (result.status, result.out, result.err) == (0, b"", "masthead: nothing to grade in stdin\n")
    result = await masthead("grade", tmp_path / "absent")
    assert result.status == 2
    assert "No such file" in result.err


async def test_an_output_that_cannot_be_written_exits_4(tmp_path: Path) -> None:
    file = tmp_path / "sets"
    file.write_bytes(lines(*[SET] * 300))
    result = await masthead("grade", "-o", "/dev/full", file)
    assert result.status == 4
    assert "masthead: /dev/full: the output cannot be written: No space left on device" in result.err


@pytest.mark.parametrize("options", [(), ("--quiet",)])
async def test_what_an_output_held_before_is_told_to_be_replaced(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    output = tmp_path / "out"
    output.write_bytes(b"x" * 1_234)
    sets = tmp_path / "sets"
    sets.write_bytes(lines(SET))
    result = await masthead("grade", sets, "-o", output, *options)
    assert (result.status, len(output.read_bytes().splitlines())) == (0, 1)
    told = f"masthead: {output}: 1,234 bytes of before are replaced\n"
    assert (told in result.err) == (not options)


async def test_gates_and_formats_are_those_of_batch() -> None:
    result = await grade(lines(SET), "--fail-under", "A", "--format", "csv")
    assert result.status == 1
    assert result.out.startswith(b"seq,input,")
    assert "--fail-under A is not met by the URL" in result.err
    assert (await grade(lines(SET), "--fail-under", "F")).status == 0
    assert json.loads((await grade(lines(SET), "--format", "sarif")).out)["version"] == "2.1.0"


async def test_only_the_checks_that_were_asked_for_are_run() -> None:
    records = (await grade(lines(SET), "--checks", "referrer-policy")).records
    assert {finding["id"] for finding in records[0]["report"]["findings"]} == {"referrer-policy-missing"}
    assert (await grade(lines(SET), "--checks", "none")).records[0]["report"] is None


async def test_records_of_a_batch_are_judged_again_and_stay_what_they_are(tmp_path: Path) -> None:
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nSet-Cookie: a=\xff\r\nX : 1\r\n\r\n"
    redirect = b"HTTP/1.1 302 Found\r\nLocation: /page\r\n\r\n"

    async def answer(head: bytes, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(redirect if b" / " in head else page)
        await writer.drain()

    async with serve(answer) as port:
        file = tmp_path / "urls"
        file.write_text(f"http://127.0.0.1:{port}/\nhttp://127.0.0.1:{port}/page\nno such url\n")
        batch = await masthead("batch", "-q", *LOOPBACK, file)
    unjudged = [{**record, "report": None} for record in batch.records]
    again = await grade(lines(*unjudged))
    assert again.records == batch.records
    assert len(again.records[0]["hops"]) == 2


async def test_a_failed_fetch_keeps_its_hop_without_a_response(tmp_path: Path) -> None:
    async def hang_up(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with serve(hang_up) as port:
        file = tmp_path / "urls"
        file.write_text(f"http://127.0.0.1:{port}/\n")
        (failed,) = (await masthead("batch", "-q", *LOOPBACK, file)).records
    (hop,) = failed["hops"]
    assert (hop["address"], hop["status"], hop["reason"]) == (f"127.0.0.1:{port}", None, None)
    odd = {**failed, "outcome": "ok", "error": None}
    again, unusable = (await grade(lines(failed, odd))).records
    assert again == failed
    assert unusable["error"]["code"] == "response_malformed"
    assert "expected a status in each hop" in unusable["error"]["message"]


async def test_a_set_s_record_holds_the_evidence_and_is_judged_alike_again() -> None:
    cors = {"status": 204, "headers": [["Access-Control-Allow-Origin", "*"]], "origin": None}
    given = [
        {**SET, "redirects": [{"url": "http://a.example/", "status": 200}], "cors": cors, "body": PAGE},
        {**SET, "http": False},
    ]
    full, quiet = (await grade(lines(*given))).records
    assert [hop["url"] for hop in full["http_entry"]["hops"]] == ["http://a.example/"]
    assert full["preflight"]["hops"][0]["headers"] == cors["headers"]
    assert full["meta"]["content-security-policy"] == ["default-src 'none'"]
    assert (quiet["http_entry"]["hops"], quiet["http_entry"]["error"]["stage"]) == ([], "connect")
    for before, after in zip((full, quiet), (await grade(lines(full, quiet))).records, strict=True):
        assert results_of(after)["redirection"] == results_of(before)["redirection"]
        cors_results = [results_of(one)["cross-origin-resource-sharing"] for one in (before, after)]
        assert cors_results[0] == cors_results[1]
        assert results_of(after)["subresource-integrity"] == "not-tested"  # records do not hold the page
    (after,) = (await grade(lines(full))).records
    assert after["meta"] == full["meta"]
    assert results_of(after)["content-security-policy"] == results_of(full)["content-security-policy"]
    again, first = (
        [finding for finding in one["report"]["findings"] if finding["id"] != "charset-missing"]
        for one in (after, full)
    )
    assert again == first  # whether the page tells its encoding, its record does not


@pytest.mark.parametrize(
    ("secured", "expected"),
    [
        ([["Strict-Transport-Security", "max-age=31536000"]], "hsts-implemented-max-age-at-least-six-months"),
        (None, "hsts-not-implemented-no-https"),
    ],
)
async def test_an_http_set_s_record_holds_its_https_site(secured: object, expected: str) -> None:
    before = (await grade(lines({**SET, "url": "http://a.example/x?y", "https_headers": secured}))).records[0]
    assert before["http_entry"] is None
    answers = [(hop["url"], hop["headers"]) for hop in before["https_entry"]["hops"]]
    assert answers == ([("https://a.example/x", secured)] if secured else [])
    after = (await grade(lines(before))).records[0]
    assert after["https_entry"] == before["https_entry"]
    for record in (before, after):
        assert results_of(record)["strict-transport-security"] == expected


async def test_a_date_is_measured_by_when_the_response_came_where_the_input_tells() -> None:
    dated = {"url": "https://a.example/", "headers": [["Date", "Sat, 03 Nov 2012 12:50:56 GMT"]]}
    assert "date-far-off" not in str((await grade(lines(dated))).records[0]["report"])
    request, response = {"method": "GET", "url": dated["url"]}, {"status": 200, "statusText": "OK"}
    headers = [{"name": "Date", "value": "Sat, 03 Nov 2012 12:50:56 GMT"}]
    entries = [
        {"startedDateTime": when, "request": request, "response": {**response, "headers": headers}}
        for when in ("2012-11-03T12:50:57Z", "2013-11-03T12:50:57Z", "some day")
    ]
    har = {"log": {"version": "1.2", "entries": entries}}
    found = [str(record["report"]) for record in (await grade(json.dumps(har).encode())).records]
    assert ["date-far-off" in report for report in found] == [False, True, False]


async def test_entries_of_a_har_are_graded() -> None:
    result = await grade(json.dumps(HAR, indent=1).encode())
    records = result.records
    assert [(record["url"], record["status"]) for record in records] == [
        ("http://a.example/", 301),
        ("https://a.example/", 200),
        ("https://b.example/x", None),
        ("https://a.example/broken", None),
    ]
    page = records[1]
    assert page["hops"][0]["http_version"] == "2"
    assert page["hops"][0]["address"] == "192.0.2.1"
    assert page["hops"][0]["timing_ms"] == {"resolve": 1.0, "connect": 10.0, "tls": 20.0, "response": 5.5}
    assert [value for _, value in page["hops"][0]["headers"]] == ["text/html", "a=1", "b=2"]
    assert (page["started_at"], page["elapsed_ms"]) == ("2026-01-02T02:04:05.500Z", 40.5)
    assert results_of(page)["content-security-policy"] == "csp-implemented-with-no-unsafe-default-src-none"
    assert page["report"]["partial"] is True
    assert records[2]["error"]["message"] == (
        "entry 3: the HAR has no response to this request: net::ERR_NAME_NOT_RESOLVED"
    )
    assert records[3]["error"]["code"] == "response_malformed"


async def test_an_entry_that_a_warm_cache_answered_is_not_graded() -> None:
    headers = [{"name": "ETag", "value": '"1"'}]
    kept = {"response": {"content": {"size": 3, "mimeType": "text/html", "text": "<p>"}}}
    entries = [entry("https://a.example/", 304, headers), entry("https://a.example/", 304, headers, **kept)]
    records = (await grade(json.dumps({"log": {"version": "1.2", "entries": entries}}).encode())).records
    assert [record["status"] for record in records] == [304, 304]
    for record in records:
        assert (record["outcome"], record["report"]["gradable"]) == ("ok", False)
        assert record["report"]["reason"].startswith("the answer is that nothing has changed (304)")


def entry(url: str, status: int, headers: list[dict[str, str]], **more: Any) -> dict[str, Any]:
    """As Chromium exports it."""
    response = {
        "status": status,
        "statusText": "",
        "httpVersion": "http/2.0",
        "headers": headers,
        "content": {"size": 0, "mimeType": "x-unknown"},
        "redirectURL": "",
        **more.pop("response", {}),
    }
    request = {"method": "GET", "url": url, "httpVersion": "http/2.0", "headers": [], "queryString": []}
    return {
        "_priority": "High",
        "cache": {},
        "request": request,
        "response": response,
        "serverIPAddress": "192.0.2.1",
        "startedDateTime": "2026-01-02T03:04:05.500+01:00",
        "time": 40.5,
        "timings": {"blocked": 3, "dns": 1, "ssl": 20, "connect": 30, "send": 0.5, "wait": 5, "receive": 1},
        **more,
    }


HAR = {
    "log": {
        "version": "1.2",
        "creator": {"name": "WebInspector", "version": "537.36"},
        "pages": [],
        "entries": [
            entry("http://a.example/", 301, [{"name": "Location", "value": "https://a.example/"}]),
            entry(
                "https://a.example/",
                200,
                [
                    {"name": ":status", "value": "200"},
                    {"name": "content-type", "value": "text/html"},
                    {"name": "set-cookie", "value": "a=1\nb=2"},
                ],
                response={"content": {"size": 9, "mimeType": "text/html", "text": PAGE}},
            ),
            entry("https://b.example/x", 0, [], response={"_error": "net::ERR_NAME_NOT_RESOLVED"}),
            entry("https://a.example/broken", 200, [{"title": "x", "value": "y"}]),
        ],
    }
}


async def _site(head: bytes, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """`/from` leads to `/page`; a page comes in chunks, so that nothing but its end tells its length."""
    if b" /from " in head:
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: /page\r\nContent-Length: 3\r\n\r\nbye")
    elif head.startswith(b"HEAD"):
        writer.write(HEAD.encode())
    else:
        head_of_chunks = HEAD.replace("\r\n\r\n", "\r\nTransfer-Encoding: chunked\r\n\r\n")
        example = "HTTP/1.1 404 Example\nIn-A-Page: x\n"
        body = f"{example}{PAGE}"
        writer.write(f"{head_of_chunks}{len(body):x}\r\n{body}\r\n0\r\n\r\n".encode())
    await writer.drain()


async def _curl(*arguments: str) -> bytes:
    process = await asyncio.create_subprocess_exec(
        "curl", "-s", *arguments, stdout=asyncio.subprocess.PIPE, env=environment()
    )
    out, _ = await asyncio.wait_for(process.communicate(), DEADLINE_S)
    return out


def _chains(result: Result) -> list[list[tuple[str, int]]]:
    return [[(hop["url"], hop["status"]) for hop in record["hops"]] for record in result.records]


async def test_what_curl_prints_is_graded() -> None:
    async with serve(_site) as port:
        base = f"http://127.0.0.1:{port}"
        dump = await _curl("-D", "-", f"{base}/page")
        followed = await _curl("-L", "-D", "-", f"{base}/from")
        ended = await _curl("-L", "-D", "-", "-o", "/dev/null", "-w", r"%{url_effective}\n", f"{base}/from")
        heads = await _curl("-I", f"{base}/page", f"{base}/page?2")
        urls = [f"{base}/page", f"{base}/from", f"{base}/page?3"]
        bodies = await _curl("-D", "-", "-w", r"%{url_effective}\n", *urls)
    lone = await grade(dump)
    assert _chains(lone) == [[("https://unknown.invalid/", 200)]]
    assert results_of(lone.records[0])["content-security-policy"] == (
        "csp-implemented-with-no-unsafe-default-src-none"
    )
    assert lone.records[0]["hops"][0]["defects"] == []
    chain = [(f"{base}/from", 302), (f"{base}/page", 200)]
    assert _chains(await grade(followed, "--url", f"{base}/from")) == [chain]
    assert _chains(await grade(ended)) == [[(f"{base}/", 302), (f"{base}/page", 200)]]
    assert len(_chains(await grade(heads))) == 2
    assert _chains(await grade(bodies)) == [[(urls[0], 200)], [(urls[1], 302)], [(urls[2], 200)]]
    named = f"# {base}/from\n".encode() + followed + f"# {base}/page\n".encode() + dump
    assert _chains(await grade(named)) == [chain, [(f"{base}/page", 200)]]
    assert len(_chains(await grade(heads.replace(b"\r\n", b"\n")))) == 2


@pytest.mark.parametrize(
    ("dump", "got"),
    [
        ("HTTP/1.0 200 Connection established\r\nProxy-agent: p\r\n\r\n", "200 Connection established"),
        ("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", "103 Early Hints"),
        ("HTTP/2 302 \r\nlocation: /a\r\n\r\nHTTP/2 103 \r\n\r\n", "103"),
    ],
)
async def test_what_only_comes_before_a_response_has_no_grade(dump: str, got: str) -> None:
    result = await grade(dump.encode(), "--fail-under", "F")
    (record,) = result.records
    assert record["error"]["code"] == "connection_closed"
    assert record["error"]["message"] == f"line 1: expected a final response, got only {got}"
    assert result.status == 1


async def test_a_dump_of_another_program_is_refused_where_it_begins() -> None:
    """wget indents its heads, and ends them with no blank line."""
    result = await grade(b"Connecting to a.example\n  HTTP/1.1 200 OK\n  Server: x\nLength: 3\n")
    assert result.status == 2
    assert "line 1: expected JSON lines" in result.err


def test_many_sets_take_no_more_memory_than_some(tmp_path: Path) -> None:
    """The loop's process, at its peak."""
    peaks = []
    for count in (1_000, 10_000):
        file = tmp_path / f"{count}.jsonl"
        with file.open("wb") as sets:
            for number in range(count):
                sets.write(lines({"url": f"https://h{number}.example/", "headers": [["X-Pad", "y" * 1_000]]}))
        out = tmp_path / "out"
        command = [
            sys.executable,
            "-m",
            "service",
            "grade",
            "-q",
            "--checks",
            "referrer-policy",
            "-o",
            out,
            file,
        ]
        process = subprocess.Popen(command, env=environment())
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        with out.open("rb") as records:
            assert sum(1 for _ in records) == count
        peaks.append(usage.ru_maxrss)
    assert peaks[1] < 1.25 * peaks[0]


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
async def test_a_signal_ends_it_with_whole_records(number: signal.Signals, status: int) -> None:
    process = await start("grade", "-", stdin=asyncio.subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(lines(SET))
    first = await asyncio.wait_for(process.stdout.readline(), DEADLINE_S)  # though stdin is open still
    process.send_signal(number)
    assert await asyncio.wait_for(process.wait(), DEADLINE_S) == status
    process.stdin.close()
    rest, err = await process.communicate()
    assert json.loads(first)["seq"] == 1
    assert rest == b""
    assert f"stopped by {number.name}: 1 URLs have a record\n" in err.decode()


JUDGING = (
    "workers.checks",
    "workers.entry",
    "workers.grading.entry",
    "workers.judge",
    "workers.observatory",
    "workers.registry",
)
FETCHING = (
    "aiodns",
    "pycares",
    "OpenSSL",
    "aiohttp",
    "service.app",
    "service.inspection.fetch",
    "service.inspection.connect",
    "service.inspection.resolve",
)


@pytest.mark.parametrize("unwanted", [JUDGING, FETCHING], ids=["what judges", "what could reach the network"])
def test_its_process_loads_nothing_of_what_others_do(unwanted: tuple[str, ...]) -> None:
    """Its workers judge, and nobody fetches."""
    program = (
        "import sys, service.commands.grade\n"
        f"print([name for name in sys.modules if name.startswith({unwanted})])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


REDIRECTED = (
    b"HTTP/1.1 301 Moved\r\nLocation: https://a.example/\r\n\r\n"
    b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 404 No\r\n\r\n"
)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (b"# sets\n\n" + lines(SET) + b"\n" + lines(SET), {3, 5}),
        (REDIRECTED, {1, 6}),
        (json.dumps(HAR, indent=1).encode(), {1}),
    ],
    ids=["sets", "dump", "har"],
)
async def test_findings_are_at_the_line_of_what_was_given(
    tmp_path: Path, given: bytes, expected: set[int]
) -> None:
    (tmp_path / "given").write_bytes(given)
    run = read_log((await masthead("grade", "given", "--format", "sarif", cwd=tmp_path)).out)
    places = [result.locations[0].physical_location for result in run.results]
    assert {place.region.start_line for place in places} == expected
    assert {place.artifact_location.uri for place in places} == {"given"}
