"""`masthead config`: what is in force, and from where."""

import tomllib
from pathlib import Path

from service.settings import Settings
from tests.service.commands.running import masthead


def line_of(out: bytes, name: str) -> str:
    (line,) = (line for line in out.decode().splitlines() if line.removeprefix("# ").startswith(f"{name} ="))
    return " ".join(line.split())


async def test_each_setting_tells_where_it_came_from(tmp_path: Path) -> None:
    file = tmp_path / "masthead.toml"
    file.write_text('timeout = 7\nmethod = "get"\nuser_agent = "file"\n')
    env = {"MASTHEAD_METHOD": "head", "MASTHEAD_USER_AGENT": "environment"}
    result = await masthead("config", "--config", file, "--user-agent", "line", env=env)
    assert (result.status, result.err) == (0, "")
    assert line_of(result.out, "concurrency") == "concurrency = 256 # default"
    assert line_of(result.out, "timeout") == f"timeout = 7.0 # file {file}"
    assert line_of(result.out, "method") == 'method = "head" # environment'
    assert line_of(result.out, "user_agent") == 'user_agent = "line" # command line'


async def test_the_output_is_a_file_of_settings_that_says_the_same() -> None:
    result = await masthead("config", "--allow-net", "10.0.0.0/8", "--insecure", "--resolver", "[::1]:53")
    settings = Settings.model_validate(tomllib.loads(result.out.decode()))
    assert (settings.allow_net, settings.insecure, settings.resolver) == (("10.0.0.0/8",), True, "[::1]:53")


async def test_the_command_line_can_take_back_what_the_environment_sets() -> None:
    result = await masthead("config", "--no-insecure", env={"MASTHEAD_INSECURE": "1"})
    assert line_of(result.out, "insecure") == "insecure = false # command line"


async def test_secrets_are_masked() -> None:
    result = await masthead(
        "config", "-H", "Authorization: Bearer hunter2", env={"MASTHEAD_TOKEN": "hunter2"}
    )
    assert b"hunter2" not in result.out
    assert line_of(result.out, "token") == '# token = ["********"] # environment'
    assert line_of(result.out, "header") == '# header = ["Authorization: ********"] # command line'
    assert tomllib.loads(result.out.decode())


async def test_a_misspelt_variable_is_named() -> None:
    result = await masthead("config", env={"MASTHEAD_TIMEOT": "3"})
    assert result.status == 0
    assert result.err == (
        "masthead: environment: MASTHEAD_TIMEOT: there is no such setting; did you mean MASTHEAD_TIMEOUT?\n"
    )


async def test_how_a_run_is_shown_is_a_setting_too(tmp_path: Path) -> None:
    file = tmp_path / "masthead.toml"
    file.write_text('quiet = true\nformat = "junit"\n')
    arguments = ("batch", "-", "--config", file)
    quiet = await masthead(*arguments, given=b"a:b\n", env={"MASTHEAD_FORMAT": "CSV"})
    assert quiet.out.startswith(b"seq,input,")
    assert quiet.err == ""
    told = await masthead(*arguments, "--format", "jsonl", "--no-quiet", given=b"a:b\n")
    assert [record["input"] for record in told.records] == ["a:b"]
    assert "1 failed" in told.err


async def test_a_format_that_the_command_has_not_is_refused_with_those_that_it_has() -> None:
    result = await masthead("inspect", "a:b", "--timeout", "x", env={"MASTHEAD_FORMAT": "csv"})
    assert (result.status, result.out) == (2, b"")
    assert result.err.splitlines()[-1] == (
        "masthead: environment: MASTHEAD_FORMAT: expected table, jsonl, markdown, sarif or junit, got 'csv'"
    )


async def test_an_option_that_is_no_setting_is_told_by_each_command_that_has_it() -> None:
    env = {"MASTHEAD_RESUME": "1", "MASTHEAD_URL": "http://a.test/"}
    batch = await masthead("batch", "-q", "-", given=b"a:b\n", env=env)
    assert batch.err == (
        "masthead: environment: MASTHEAD_RESUME: there is no such setting; --resume is an option only\n"
    )
    grade = await masthead("grade", "-q", "-", given=b"{}\n", env=env)
    assert grade.err == (
        "masthead: environment: MASTHEAD_URL: there is no such setting; --url is an option only\n"
    )


async def test_another_programs_variable_is_named_by_config_alone() -> None:
    env = {"MASTHEAD_PORT": "tcp://192.0.2.1:8080"}  # as Kubernetes sets it for a service of that name
    assert "MASTHEAD_PORT: there is no such setting\n" in (await masthead("config", env=env)).err
    assert (await masthead("batch", "-q", "-", given=b"a:b\n", env=env)).err == ""


async def test_a_misspelt_variable_is_told_by_every_command() -> None:
    result = await masthead("batch", "-q", "-", given=b"a:b\n", env={"MASTHEAD_TIMOUT": "3"})
    assert (result.status, result.err) == (
        0,
        "masthead: environment: MASTHEAD_TIMOUT: there is no such setting; did you mean MASTHEAD_TIMEOUT?\n",
    )


async def test_faults_of_all_sources_are_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "masthead.toml"
    file.write_text("speed = 1\n")
    arguments = ("--config", file, "--workers", "many", "--max-redirects", "-1")
    result = await masthead("config", *arguments, env={"MASTHEAD_TIMEOUT": "soon"})
    assert (result.status, result.out) == (2, b"")
    lines = result.err.splitlines()
    assert len(lines) == 4
    for begin in (
        f"masthead: file {file}: speed: ",
        "masthead: environment: MASTHEAD_TIMEOUT: ",
        "masthead: command line: --workers: ",
        "masthead: command line: --max-redirects: ",
    ):
        assert any(line.startswith(begin) for line in lines), begin


async def test_roots_that_are_not_there_end_what_would_trust_them(tmp_path: Path) -> None:
    absent = str(tmp_path / "absent")
    env = {"SSL_CERT_FILE": absent}
    batch = await masthead("batch", "-", given=b"a:b", env=env)
    assert (batch.status, batch.out) == (2, b"")
    assert batch.err == (
        f"masthead: environment: SSL_CERT_FILE: expected a PEM file that can be read, got {absent!r}\n"
    )
    assert (await masthead("grade", "-", given=b"{}", env=env)).status == 0


async def test_a_choice_may_be_written_in_capitals() -> None:
    result = await masthead("config", "--method", "HEAD", "--log-format", "Console")
    assert result.status == 0
    assert line_of(result.out, "method") == 'method = "head" # command line'
    assert line_of(result.out, "log_format") == 'log_format = "console" # command line'
