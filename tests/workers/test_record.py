"""The record: the public shape, exactly."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.workers.gathered import HEAD, failed, gathered
from workers.model import Failure
from workers.record import build_record, decode_record, encode_record, record_only


def test_a_record_has_the_interface_s_fields_in_their_order() -> None:
    record = json.loads(encode_record(build_record(gathered(seq=3), None)))
    assert list(record) == [
        *(
            "schema",
            "seq",
            "input",
            "url",
            "outcome",
            "depth",
            "final_url",
            "status",
            "hops",
            "report",
            "error",
        ),
        *("attempts", "started_at", "elapsed_ms"),
    ]
    assert (record["schema"], record["seq"], record["outcome"], record["status"]) == (1, 3, "ok", 200)
    assert (record["started_at"], record["elapsed_ms"]) == ("2026-01-01T00:00:00.000Z", 3.25)


def test_headers_keep_order_spelling_repeats_and_odd_bytes() -> None:
    (hop,) = json.loads(encode_record(build_record(gathered(), None)))["hops"]
    assert hop["headers"] == [["Server", "x"], ["set-cookie", "a=ÿ"], ["Set-Cookie", "b=2"], ["Spaced", "1"]]
    assert hop["defects"] == ["space-before-colon"]
    assert (hop["reason"], hop["http_version"], hop["method"], hop["tls"]) == ("OK", "1.1", "HEAD", None)
    assert hop["timing_ms"] == {"resolve": 0.1, "connect": 1.0, "tls": None, "response": 2.0}


def test_a_failure_has_an_error_and_no_report() -> None:
    record = json.loads(encode_record(build_record(failed(), None)))
    assert (record["outcome"], record["report"], record["url"], record["status"]) == (
        "error",
        None,
        None,
        None,
    )
    assert record["error"] == {"code": "invalid_url", "stage": "input", "message": "expected a URL"}


def test_a_failure_after_the_fetch_keeps_the_hops() -> None:
    failure = Failure(code="analysis_failed", stage="analyse", message="died")
    record = build_record(gathered(), None, failure=failure)
    assert (record.outcome, record.final_url, len(record.hops)) == ("error", None, 1)


def test_a_line_decodes_to_the_record_that_it_was_made_of() -> None:
    record = build_record(gathered(), None)
    assert decode_record(encode_record(record)) == record


@pytest.mark.parametrize(
    "head",
    [
        HEAD,
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.0 404 Not  Found \r\nServer: x\r\nserver:  y \r\nEmpty:\r\n\r\n",
        b'HTTP/1.1 200 OK\r\nQuote: "\\\t\xff\xe9\r\nX: \r\n\r\n',
        b"HTTP/1.1 200 OK\r\nX: 1\r\n folded\r\n\r\n",
        b"HTTP/1.1 200 OK\nX: 1\n\n",
        b"HTTP/1.1 200\r\nno colon\r\n\r\n",
        b"\r\nHTTP/1.1 200 OK\r\nX: \x01\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nLong: " + b"x" * 1_000 + b"\r\n\r\n",
    ],
)
def test_what_is_only_recorded_is_written_as_what_is_read(head: bytes) -> None:
    whole = gathered()
    whole = replace(whole, exchanges=(replace(whole.exchanges[0], head=head),) * 2)
    for _ in range(2):  # lines that are met for the first time, and again
        assert record_only(whole).line == encode_record(build_record(whole, None))


@given(st.lists(st.binary(max_size=20), max_size=6))
def test_whatever_lines_a_head_has_they_are_written_as_they_are_read(lines: list[bytes]) -> None:
    head = b"\r\n".join((b"HTTP/1.1 200 OK", *lines, b"", b""))
    whole = gathered()
    whole = replace(whole, exchanges=(replace(whole.exchanges[0], head=head),))
    assert record_only(whole).line == encode_record(build_record(whole, None))
