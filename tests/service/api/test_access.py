"""Web pages and a daemon that asks for no token: what a browser would send on a page's behalf is refused."""

import pytest

from service.api.access import is_own_name
from tests.service.api.daemons import Daemon, run_daemon


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:8080"},
        {"Host": "evil.example:8080", "Origin": "http://evil.example:8080", "Sec-Fetch-Site": "same-origin"},
    ],
)
async def test_a_page_s_post_is_refused(daemon: Daemon, headers: dict[str, str]) -> None:
    async with daemon.client.post("/v1/inspections", data="no url", headers=headers) as answer:
        assert (answer.status, answer.content_type) == (403, "application/problem+json")
        assert "Access-Control-Allow-Origin" not in answer.headers


async def test_what_is_no_page_and_what_is_our_own_is_answered(daemon: Daemon) -> None:
    here = f"{daemon.host}:{daemon.port}"
    for headers in (
        {},
        {"Origin": f"http://{here}", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Host": f"localhost:{daemon.port}"},
        {"Host": "[::1]"},
    ):
        async with daemon.client.post("/v1/inspections", data="no url", headers=headers) as answer:
            assert answer.status == 200, headers


async def test_a_name_can_be_allowed_and_a_token_needs_none() -> None:
    async with run_daemon(allow_host="Masthead.Example") as daemon:
        for host, status in (("masthead.example:80", 200), ("evil.example", 403)):
            async with daemon.client.get("/v1/checks", headers={"Host": host}) as answer:
                assert answer.status == status
    async with run_daemon(token="opens") as daemon:
        headers = {"Host": "any.example", "Origin": "https://any.example", "Authorization": "Bearer opens"}
        async with daemon.client.get("/v1/checks", headers=headers) as answer:
            assert answer.status == 200


async def test_a_preflight_is_not_granted(daemon: Daemon) -> None:
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    async with daemon.client.options("/v1/inspections", headers=headers) as answer:
        assert answer.status == 403
        assert not [name for name in answer.headers if name.startswith("Access-Control")]


@pytest.mark.parametrize("hosts", ["", "Host: localhost\r\nHost: localhost\r\n"])
async def test_a_request_has_one_host(daemon: Daemon, hosts: str) -> None:
    answer = await daemon.ask(f"GET /livez HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("host", ["localhost.", "a.localhost", "127.0.0.1", "[::1]:8080", "ours:80"])
def test_own_names(host: str) -> None:
    assert is_own_name(host, frozenset({"ours"}))


@pytest.mark.parametrize(
    "host", ["", "localhost.evil.example", "evil.example", "127.0.0.1.nip.example", "a:b"]
)
def test_names_of_others(host: str) -> None:
    assert not is_own_name(host, frozenset({"ours"}))
