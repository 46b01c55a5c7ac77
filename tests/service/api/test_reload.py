"""Modules and tokens read again, by SIGHUP and by request: all of it, or none."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.service.api.daemons import Daemon, run_daemon

ONE = "modules: {one: {prober: http}}"
TWO = "modules: {two: {prober: http}, three: {prober: http}}"
BAD = "modules:\n  two: {prober: http, http: {method: PUT}}\n"
OLD, NEW = {"Authorization": "Bearer old"}, {"Authorization": "Bearer new"}


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Any]:
    """Settings that name a file of modules and one of tokens."""
    modules, tokens = tmp_path / "modules.yml", tmp_path / "tokens"
    modules.write_text(ONE)
    tokens.write_text("old\n")
    return {"modules": str(modules), "token_file": str(tokens)}


async def reload(daemon: Daemon, headers: dict[str, str] | None = None) -> tuple[int, dict[str, Any]]:
    async with daemon.client.post("/-/reload", headers=headers) as response:
        return response.status, await response.json()


async def metric(daemon: Daemon, name: str) -> float:
    async with daemon.client.get("/metrics") as response:
        lines = (await response.text()).splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))


async def test_modules_and_tokens_are_read_again(files: dict[str, Any]) -> None:
    async with run_daemon(enable_reload=True, **files) as daemon:
        Path(files["modules"]).write_text(TWO)
        Path(files["token_file"]).write_text("new\n")
        status, answer = await reload(daemon, OLD)
        assert (status, answer["modules"]) == (200, ["http_2xx", "two", "three"])
        assert (await reload(daemon, OLD))[0] == 401
        assert (await reload(daemon, NEW))[0] == 200
        assert await metric(daemon, "masthead_config_last_reload_successful") == 1
        async with daemon.client.get("/metrics") as response:
            text = await response.text()
        assert 'masthead_probes_total{module="two",result="success"} 0.0\n' in text
        assert 'module="one"' not in text


async def test_what_has_faults_is_refused_with_their_places_and_nothing_is_changed(
    files: dict[str, Any],
) -> None:
    async with run_daemon(enable_reload=True, **files) as daemon:
        read_at = await metric(daemon, "masthead_config_last_reload_success_timestamp_seconds")
        Path(files["modules"]).write_text(BAD)
        Path(files["token_file"]).write_text("new\nno token\n")
        status, answer = await reload(daemon, OLD)
        assert status == 500
        assert answer["type"] == "urn:problem-type:masthead:bad-configuration"
        first, second = (error["detail"] for error in answer["errors"])
        assert first.startswith(f"token_file: {files['token_file']}, line 2: expected a bearer token")
        assert second == (
            f"modules: {files['modules']}, line 2: modules.two.http.method: expected GET or HEAD, got 'PUT'"
        )
        assert await metric(daemon, "masthead_config_last_reload_successful") == 0
        assert await metric(daemon, "masthead_config_last_reload_success_timestamp_seconds") == read_at
        async with daemon.client.get("/probe?module=one&target=http://[/", headers=OLD) as response:
            assert response.status == 200
        Path(files["modules"]).write_text(ONE)
        Path(files["token_file"]).write_text("old\n")
        assert (await reload(daemon, OLD))[0] == 200
        assert await metric(daemon, "masthead_config_last_reload_successful") == 1


async def test_reloading_is_off_unless_it_is_asked_for(files: dict[str, Any]) -> None:
    async with run_daemon(**files) as daemon:
        assert (await reload(daemon, OLD))[0] == 404
        assert (await reload(daemon))[0] == 401


async def test_reloading_by_request_wants_a_token_to_be_there() -> None:
    async with run_daemon(enable_reload=True) as daemon:
        status, answer = await reload(daemon)
        assert (status, answer["type"]) == (403, "urn:problem-type:masthead:no-tokens")
        async with daemon.client.get("/-/reload") as response:
            assert response.status == 405


async def test_sighup_has_them_read_again(files: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    async with run_daemon(**files) as daemon:
        for text, word in ((TWO, "two"), (BAD, "two"), (ONE, "one")):
            Path(files["modules"]).write_text(text)
            os.kill(os.getpid(), signal.SIGHUP)
            async with asyncio.timeout(10):
                while await is_known(daemon, word) is False or (
                    await metric(daemon, "masthead_config_last_reload_successful") != (text != BAD)
                ):
                    await asyncio.sleep(0.01)


async def is_known(daemon: Daemon, module: str) -> bool:
    query = {"module": module, "target": "http://[/"}
    async with daemon.client.get("/probe", params=query, headers=OLD) as response:
        return response.status == 200
