"""Tokens: where they come from, what they open, and what is told to whoever has none."""

from pathlib import Path

import pytest

from service.api.auth import load_tokens
from service.errors import UsageError
from service.settings import Settings
from tests.service.api.daemons import run_daemon


def test_tokens_come_from_the_settings_and_the_file(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    file.write_text("# operators\n\n  from-file  \nanother==\n")
    tokens = load_tokens(Settings.model_validate({"token": "one two", "token_file": file}))
    assert all(map(tokens.accept, ("one", "two", "from-file", "another==")))
    assert not any(map(tokens.accept, ("", "on", "one ", "# operators", "three", "\udcff")))


def test_neither_is_no_tokens() -> None:
    assert not load_tokens(Settings())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "expected a token a line, got none"),
        ("# only\n", "expected a token a line, got none"),
        ("good\nhas space\n", "line 2: expected a bearer token"),
        ("caf\u00e9\n", "line 1: expected a bearer token"),
    ],
)
def test_a_file_that_would_let_nobody_or_anybody_in_is_refused(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "tokens"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        load_tokens(Settings(token_file=file))
    assert told in str(caught.value)
    assert "has space" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load_tokens(Settings(token_file=tmp_path / "none"))


@pytest.mark.parametrize(
    "path",
    [
        "/v1/checks",
        "/v1/nowhere",
        "/v1",
        "/%76%31/checks",
        "/v1/inspections",
        "/v1/../v1/checks",
        "//v1/checks",
    ],
)
async def test_nothing_under_v1_is_had_without_a_token(path: str) -> None:
    async with run_daemon(token="opens") as daemon:
        answer = await daemon.ask(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        status = int(answer.split()[1])
        assert status == 401 or (status == 404 and path.startswith("//"))


@pytest.mark.parametrize(
    ("given", "challenge"),
    [
        ([], "Bearer"),
        ([("Authorization", "Basic b3BlbnM=")], "Bearer"),
        ([("Authorization", "opens")], "Bearer"),
        ([("Authorization", "Bearer shuts")], 'Bearer error="invalid_token"'),
        ([("Authorization", "Bearer ")], 'Bearer error="invalid_token"'),
        ([("Authorization", "Bearer opens"), ("Authorization", "Bearer opens")], "Bearer"),
    ],
)
async def test_a_request_without_a_known_token_is_challenged(
    given: list[tuple[str, str]], challenge: str
) -> None:
    async with run_daemon(token="opens") as daemon, daemon.client.get("/v1/checks", headers=given) as answer:
        assert (answer.status, answer.content_type) == (401, "application/problem+json")
        assert answer.headers["WWW-Authenticate"] == challenge
        assert "opens" not in await answer.text()


@pytest.mark.parametrize("credentials", ["Bearer opens", "bearer also", "BEARER  opens"])
async def test_each_token_opens(credentials: str) -> None:
    headers = {"Authorization": credentials}
    async with (
        run_daemon(token="opens also") as daemon,
        daemon.client.get("/v1/checks", headers=headers) as answer,
    ):
        assert answer.status == 200


async def test_health_and_metrics_ask_for_none() -> None:
    async with run_daemon(token="opens") as daemon:
        for path in ("/livez", "/readyz", "/metrics"):
            async with daemon.client.get(path) as answer:
                assert answer.status == 200
