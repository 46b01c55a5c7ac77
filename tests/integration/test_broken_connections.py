"""What goes wrong before HTTP: at the connection, and where TLS is expected and something else comes."""

import ssl
from dataclasses import dataclass
from time import monotonic

import pytest

from tests.integration.authority import Authority
from tests.integration.broken_server import (
    Behaviour,
    at_connection,
    closes,
    half_closes,
    holds,
    resets,
    says,
    says_and_holds,
    says_and_resets,
    serve,
)
from tests.integration.inspecting import inspect_one
from tests.integration.ports import free_port, silence

TLS_TIMEOUT_S = 0.5
PROMPT_S = 2.0
LATE_S = TLS_TIMEOUT_S + 1.0
OK = b"HTTP/1.1 200 OK\r\n\r\n"
HANDSHAKE_FAILURE = bytes.fromhex("15030300020228")  # RFC 8446 section 6: a fatal alert, handshake_failure
SERVER_HELLO_BEGUN = bytes.fromhex("160303004a02000046")  # a record of 74 bytes of which five came


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    behaviour: Behaviour
    code: str
    stage: str = "tls"
    within_s: float = PROMPT_S


OVER_TLS = (
    Case("closes", closes, "tls_failed"),
    Case("resets", resets, "tls_failed"),
    Case("plain-http", says_and_holds(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "tls_failed"),
    Case("garbage", says_and_holds(b"\x00" * 64), "tls_failed"),
    Case("alert", says(HANDSHAKE_FAILURE), "tls_failed"),
    Case("closes-in-handshake", says(SERVER_HELLO_BEGUN), "tls_failed"),
    Case("resets-in-handshake", says_and_resets(SERVER_HELLO_BEGUN), "tls_failed"),
    Case("silent", holds, "tls_timeout", within_s=LATE_S),
    Case("stalls-in-handshake", says_and_holds(SERVER_HELLO_BEGUN), "tls_timeout", within_s=LATE_S),
)
OVER_PLAIN = (
    Case("half-closes", half_closes, "connection_closed", "exchange"),
    Case("resets", resets, "connection_reset", "exchange"),
    Case("tls-alert", says_and_holds(HANDSHAKE_FAILURE), "response_malformed", "exchange"),
    Case("speaks-first", says_and_holds(b"220 mail.test ESMTP\r\n"), "response_malformed", "exchange"),
)


@pytest.mark.parametrize("case", OVER_TLS, ids=lambda case: case.name)
async def test_a_server_that_cannot_shake_hands_is_told_from_one_that_will_not(case: Case) -> None:
    await _check("https", case)


@pytest.mark.parametrize("case", OVER_PLAIN, ids=lambda case: case.name)
async def test_a_server_that_does_not_speak_http_is_told_at_once(case: Case) -> None:
    await _check("http", case)


async def _check(scheme: str, case: Case) -> None:
    async with at_connection(case.behaviour) as server:
        began = monotonic()
        record = await inspect_one(f"{scheme}://127.0.0.1:{server.port}/", tls_timeout=TLS_TIMEOUT_S)
        took_s = monotonic() - began
        await server.all_gone()
    assert record.error is not None
    assert (record.error.code, record.error.stage) == (case.code, case.stage), record.error
    (hop,) = record.hops
    assert (hop.address, hop.status, hop.tls) == (f"127.0.0.1:{server.port}", None, None)
    assert took_s < case.within_s


async def test_a_port_where_nothing_listens_refuses_and_the_message_says_where() -> None:
    port = free_port()
    record = await inspect_one(f"http://127.0.0.1:{port}/")
    assert record.error is not None
    assert (record.error.code, record.error.stage) == ("connect_refused", "connect")
    assert f"127.0.0.1:{port}" in record.error.message
    assert record.hops == (), "nothing was connected to"


async def test_a_host_that_does_not_answer_times_out() -> None:
    with silence("127.0.0.1") as port:
        began = monotonic()
        record = await inspect_one(f"http://127.0.0.1:{port}/", connect_timeout=0.3)
    assert record.error is not None
    assert (record.error.code, record.error.stage) == ("connect_timeout", "connect")
    assert record.error.message == f"no connection to 127.0.0.1:{port} within 0.3 s"
    assert record.hops == ()
    assert monotonic() - began < 1.3


async def test_a_bare_host_falls_back_to_http_where_its_port_speaks_no_tls() -> None:
    async with at_connection(says(b"HTTP/1.1 400 Bad Request\r\nX-Plain: yes\r\n\r\n")) as server:
        record = await inspect_one(f"127.0.0.1:{server.port}")
    assert record.outcome == "ok"
    assert record.final_url == f"http://127.0.0.1:{server.port}/"
    assert record.hops[0].headers == (("X-Plain", "yes"),)


async def test_https_that_was_asked_for_never_becomes_http() -> None:
    async with at_connection(says(OK)) as server:
        record = await inspect_one(f"https://127.0.0.1:{server.port}/")
    assert record.error is not None
    assert record.error.code == "tls_failed"
    assert server.seen == 1


async def test_the_request_is_the_documented_one_to_the_byte() -> None:
    async with serve({"path": says(OK)}) as server:
        await inspect_one(
            f"http://user:secret@127.0.0.1:{server.port}/path/%7Ea b?q=1#part", header=("X-Mine: é",)
        )
    expected = (
        f"HEAD /path/%7Ea%20b?q=1 HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nUser-Agent: masthead\r\n"
        "Accept: */*\r\nX-Mine: é\r\nConnection: close\r\n\r\n"
    )
    assert server.heads == [expected.encode("latin-1")]


async def test_the_request_s_own_headers_do_not_follow_to_another_origin() -> None:
    async with serve({"": says(OK)}) as other:
        location = f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{other.port}/\r\n\r\n".encode()
        async with serve({"": says(location)}) as first:
            record = await inspect_one(f"http://127.0.0.1:{first.port}/", header=("Authorization: secret",))
    assert record.outcome == "ok"
    assert b"Authorization: secret" in first.heads[0]
    assert b"secret" not in other.heads[0]


async def test_a_server_that_ends_tls_without_close_notify_has_still_answered(
    server_tls: ssl.SSLContext, authority: Authority
) -> None:
    async with serve({"": says_and_resets(OK)}, server_tls) as server:
        record = await inspect_one(f"https://127.0.0.1:{server.port}/", ca_file=authority.file)
    assert (record.outcome, record.status) == ("ok", 200)
