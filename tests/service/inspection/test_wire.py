"""Where a head ends, and what is no head."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import FetchFailed
from service.inspection.url import parse_input
from service.inspection.wire import HeadLimits, HeadReader, format_request, read_whole_head

HEAD = b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n"
LIMITS = HeadLimits(head_bytes=2_000, line_bytes=500, fields=20, informational=2)


def read(data: bytes, limits: HeadLimits = LIMITS) -> tuple[int, bytes] | None:
    return HeadReader(limits).feed(data)


def code_of(data: bytes) -> str:
    with pytest.raises(FetchFailed) as caught:
        read(data)
    return caught.value.failure.code


@pytest.mark.parametrize(
    ("data", "status", "head"),
    [
        (HEAD, 200, HEAD),
        (HEAD + b"the body", 200, HEAD),
        (HEAD.replace(b"\r\n", b"\n"), 200, HEAD.replace(b"\r\n", b"\n")),
        (b"\r\n\n" + HEAD, 200, b"\r\n\n" + HEAD),
        (b"HTTP/1.0 404\r\n\r\n", 404, b"HTTP/1.0 404\r\n\r\n"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD, 200, HEAD),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 P\r\n\r\n" + HEAD, 200, HEAD),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", 101, b"HTTP/1.1 101 Switching Protocols\r\n\r\n"),
        (b"HTTP/1.1 999 Denied\r\n\r\n", 999, b"HTTP/1.1 999 Denied\r\n\r\n"),
    ],
)
def test_a_head_ends_at_its_blank_line_and_1xx_are_skipped(data: bytes, status: int, head: bytes) -> None:
    assert read(data) == (status, head)


@pytest.mark.parametrize(
    "data", [HEAD, b"\r\n" + HEAD, b"HTTP/1.1 100 C\n\n" + HEAD, HEAD.replace(b"\r", b"")]
)
def test_a_head_may_come_split_at_every_byte(data: bytes) -> None:
    whole = read(data)
    for cut in range(1, len(data)):
        reader = HeadReader(LIMITS)
        assert reader.feed(data[:cut]) is None
        assert reader.feed(data[cut:]) == whole
    reader = HeadReader(LIMITS)
    assert [reader.feed(bytes([byte])) for byte in data][-1] == whole


@pytest.mark.parametrize(
    "data",
    [b"gibberish", b"\x16\x03\x03", b" HTTP/1.1 200 OK", b"<html>", b"HTTQ", b"SSH-2.0-OpenSSH\r\n", b"\0"],
)
def test_another_protocol_is_refused_by_its_first_bytes(data: bytes) -> None:
    assert code_of(data) == "response_malformed"


@pytest.mark.parametrize(
    "line", [b"HTTP/1.1 20 OK", b"HTTP/1.1 2000 OK", b"HTTP/2", b"HTTP/1.1 abc", b"HTTP/1.1 099 x"]
)
def test_a_status_line_that_is_none_is_malformed(line: bytes) -> None:
    assert code_of(line + b"\r\n\r\n") == "response_malformed"


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\n" + b"A: 1\r\n" * 400,
        b"HTTP/1.1 200 OK\r\n" + b"A: 1\r\n" * 21 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nA: " + b"x" * 600 + b"\r\n\r\n",
        b"HTTP/1.1 100 C\r\n\r\n" * 3 + HEAD,
        b"HTTP/1.1 100 C\r\n" + b"A: 1\r\n" * 15 + b"\r\n" + b"HTTP/1.1 200 OK\r\nA: " + b"y" * 1_990,
        b"\r\n" * 1_001,
    ],
    ids=["endless", "fields", "line", "informational", "1xx counted", "blank lines counted"],
)
def test_each_bound_is_called_too_large(data: bytes) -> None:
    assert code_of(data) == "response_too_large"


@given(st.binary(max_size=300), st.integers(min_value=1, max_value=40))
def test_any_bytes_give_a_head_or_a_documented_failure(data: bytes, step: int) -> None:
    reader = HeadReader(LIMITS)
    try:
        for begin in range(0, len(data), step):
            if reader.feed(data[begin : begin + step]) is not None:
                break
    except FetchFailed as error:
        assert error.failure.code in {"response_malformed", "response_too_large"}


def test_a_request_names_the_host_with_its_port_and_ends_with_a_blank_line() -> None:
    request = format_request("HEAD", parse_input("http://[::1]:8080/a?b=c#d"), (), "masthead")
    assert request == (
        b"HEAD /a?b=c HTTP/1.1\r\nHost: [::1]:8080\r\nUser-Agent: masthead\r\nAccept: */*\r\n"
        b"Connection: close\r\n\r\n"
    )


def test_a_request_that_is_not_the_last_lets_the_connection_stand() -> None:
    request = format_request("HEAD", parse_input("http://a/"), (), "masthead", is_last=False)
    assert b"Connection" not in request


def test_a_given_field_takes_the_place_of_the_default() -> None:
    fields = (("user-agent", "mine"), ("X-A", "1"))
    request = format_request("GET", parse_input("http://a/"), fields, "masthead")
    assert b"masthead" not in request
    assert b"user-agent: mine\r\nX-A: 1\r\n" in request


_PARTS = st.lists(
    st.sampled_from(
        [
            b"HTTP/1.1 200 OK",
            b"HTTP/1.1 103 E",
            b"\r\n",
            b"\n",
            b"\r",
            b"A: b",
            b"A: " + b"b" * 600,
            b" ",
            b"x",
        ]
    )
)


@given(_PARTS.map(b"".join))
def test_a_head_that_is_read_at_once_is_the_one_that_is_read_by_and_by(data: bytes) -> None:
    at_once = read_whole_head(data, LIMITS)
    if at_once is not None:
        assert at_once == read(data)


def test_the_usual_head_is_read_at_once() -> None:
    assert read_whole_head(HEAD, LIMITS) == (200, HEAD)
    assert read_whole_head(HEAD + b"the body", LIMITS) == (200, HEAD)
