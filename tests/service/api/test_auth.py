"""Tokens: where they come from, what they open, and what is told to whoever has none."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from service.api.auth import load_tokens
from service.errors import UsageError
from service.settings import Settings
from tests.service.api.daemons import run_daemon


def test_tokens_come_from_the_settings_and_the_file(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    file.write_text("# operators\n\n  from-file  \nanother==\n")
    tokens = load_tokens(Settings.model_validate({"token": "one two", "token_file": file}))
    names = [tokens.name_of(token) for token in ("one", "two", "from-file", "another==")]
    assert names == ["token-1", "token-2", "line-3", "line-4"]
    assert not any(map(tokens.name_of, ("", "on", "one ", "# operators", "three", "\udcff")))


def test_a_file_of_tokens_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    file.write_text("ci:one\n", encoding="utf-8-sig")
    assert load_tokens(Settings(token_file=file)).name_of("one") == "ci"


def test_a_token_may_have_a_name_and_a_name_several_tokens(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    file.write_text("ci:old\nci:new\n")
    tokens = load_tokens(Settings.model_validate({"token": "ops.1:one", "token_file": file}))
    assert [tokens.name_of(token) for token in ("one", "old", "new")] == ["ops.1", "ci", "ci"]
    assert not any(map(tokens.name_of, ("ci", "ci:old", "ops.1:one")))
    assert "one" not in repr(tokens)


async def test_a_short_token_is_warned_of_by_its_name_at_the_start() -> None:
    tokens = ["ci:fifteen.letters", "ops:sixteen-letters.", "seven77"]
    with capture_logs() as logs:
        async with run_daemon(token=tokens):
            pass
    [warning] = [line for line in logs if line["event"].startswith("short tokens")]
    assert (warning["log_level"], warning["names"]) == ("warning", ("ci", "token-3"))
    assert "letters" not in str(logs)
    assert "seven77" not in str(logs)


async def test_a_token_of_sixteen_characters_is_not_warned_of() -> None:
    with capture_logs() as logs:
        async with run_daemon(token="sixteen-letters."):
            pass
    assert not [line for line in logs if line["log_level"] == "warning"]


async def test_the_log_has_the_token_s_name_and_never_the_token() -> None:
    async with run_daemon(token="ci:opens") as daemon:
        with capture_logs() as logs:
            for token in ("opens", "shuts-no-door"):
                headers = {"Authorization": f"Bearer {token}"}
                (await daemon.client.get("/v1/checks", headers=headers)).close()
    assert [line.get("client") for line in logs if line["event"] == "request"] == ["ci", None]
    assert "opens" not in str(logs)
    assert "shuts" not in str(logs)


def test_neither_is_no_tokens() -> None:
    assert not load_tokens(Settings())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "expected a token a line, got none"),
        ("# only\n", "expected a token a line, got none"),
        ("good\nhas space\n", "line 2: expected a bearer token"),
        (":nameless\n", "line 1: expected a bearer token"),
        ("a b:good\n", "line 1: expected a bearer token"),
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
