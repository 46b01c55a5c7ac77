"""What a request that is given up by aiohttp's parser is answered: by raw sockets."""

import json
from pathlib import Path

import pytest
from multidict import CIMultiDict

from service.api.malformed import FIELD_LIMIT, FIELDS_LIMIT, TARGET_LIMIT
from tests.service.api.daemons import Daemon, run_daemon
from tests.service.api.test_connection import parse

HOST = b"Host: localhost\r\n"


@pytest.mark.parametrize(
    ("request_bytes", "status", "detail"),
    [
        (b"BREW /v1/checks HTTP/1.1\r\n" + HOST + b"\r\n", 400, "a method known here"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, "a method known here"),
        (b"GET / HTTP/1.1\r\nno field\r\n\r\n", 400, "not HTTP/1.1"),
        (
            b"GET / HTTP/1.1\r\n" + HOST + b"X: 1\r\n" * FIELDS_LIMIT + b"\r\n",
            400,
            "more than 64 header fields",
        ),
        (b"GET /" + b"a" * TARGET_LIMIT + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414, "target of at most 8000"),
        (
            b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * (FIELD_LIMIT + 1) + b"\r\n\r\n",
            431,
            "at most 8190 bytes each",
        ),
        (
            b"GET / HTTP/1.1\r\n" + HOST + b"X" * (FIELD_LIMIT + 1) + b": a\r\n\r\n",
            431,
            "at most 8190 bytes each",
        ),
    ],
)
async def test_what_is_wrong_is_told_and_true(
    daemon: Daemon, request_bytes: bytes, status: int, detail: str
) -> None:
    got, headers, body = parse(await daemon.ask(request_bytes))
    assert (got, headers["Connection"]) == (status, "close")
    assert detail in json.loads(body)["detail"]


async def test_a_target_and_a_field_at_their_bounds_are_taken(daemon: Daemon) -> None:
    target = b"/livez?" + b"a" * (TARGET_LIMIT - 7)
    field = b"X: " + b"a" * FIELD_LIMIT
    answer = await daemon.ask(b"GET %b HTTP/1.1\r\nConnection: close\r\n%b%b\r\n\r\n" % (target, HOST, field))
    assert answer.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/inspections"])
@pytest.mark.parametrize("encoding", ["br", "zstd", "BR", "foo", "gzip, br", "gzip + gzip"])
async def test_an_encoding_that_is_not_unpacked_is_told_which_are(
    path: str, encoding: str, tmp_path: Path
) -> None:
    """Whether several stand in one field or in two."""
    headers = CIMultiDict({"Content-Type": "text/plain"})
    for each in encoding.split(" + "):
        headers.add("Content-Encoding", each)
    async with (
        run_daemon(data=tmp_path) as daemon,
        daemon.client.post(path, data=b"packed", headers=headers) as answer,
    ):
        assert answer.status == 415
        assert answer.headers["Accept-Encoding"] == "gzip, deflate, identity"
        assert "gzip, deflate, identity or none" in (await answer.json())["detail"]
