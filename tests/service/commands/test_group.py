"""The command's frame: it starts quickly, and every command and every setting is there."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from service import __version__
from service.api.routes import OPERATIONS
from service.commands.group import COMMANDS, EXIT_STATUSES, masthead
from service.commands.options import ALL, SERVING
from service.configuration import option_of

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
DAEMONS = ("pydantic", "structlog", "sqlite3")
# To make a dataclass takes four times as long as to make a Struct; few lists are packed.
DEAR = ("dataclasses", "gzip")
JUDGES = ("workers.checks", "workers.judge", "workers.observatory", "workers.registry", "multiprocessing")


def run(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
        env={**os.environ, **variables},
    )


def load(name: str) -> click.Command:
    command = masthead.get_command(click.Context(masthead), name)
    assert command is not None
    return command


def spellings(command: click.Command) -> Iterator[str]:
    for parameter in command.params:
        yield from parameter.opts


def test_the_version_is_the_packages() -> None:
    assert run("-m", "service", "--version").stdout == f"masthead {__version__}\n"


def test_help_lists_every_command() -> None:
    shown = run("-m", "service", "--help")
    assert shown.returncode == 0
    assert [name for name in COMMANDS if f"\n  {name} " not in shown.stdout] == []


def test_the_help_and_the_readme_have_the_same_exit_statuses() -> None:
    shown = " ".join(run("-m", "service", "--help").stdout.split())
    assert [status for status, text in EXIT_STATUSES.items() if f" {status} {text}" not in shown] == []
    table = README.partition("| status | meaning |\n|---|---|\n")[2].partition("\n\n")[0]
    assert table == "\n".join(f"| {status} | {text} |" for status, text in EXIT_STATUSES.items())


def test_a_shell_may_complete_options_and_their_values() -> None:
    typed = {"COMP_WORDS": "masthead batch --format s", "COMP_CWORD": "3"}
    completed = run("-m", "service", **typed, _MASTHEAD_COMPLETE="bash_complete")
    assert completed.stdout == "plain,sarif\n"


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - {"serve"}))
def test_only_the_daemon_imports_what_it_alone_needs(name: str) -> None:
    """It would take more time than all else that a short run does before its first URL."""
    modules = f"service.app, service.commands.{name}"
    loaded = run("-c", f"import sys, {modules}; print([m for m in {DAEMONS} if m in sys.modules])")
    assert loaded.stdout == "[]\n"


@pytest.mark.parametrize("name", ["batch", "headers", "inspect"])
def test_a_loop_imports_nothing_that_judges(name: str) -> None:
    """Workers do; a run that only records needs none of it."""
    modules = f"service.app, service.commands.{name}"
    loaded = run("-c", f"import sys, {modules}; print([m for m in {JUDGES} if m in sys.modules])")
    assert loaded.stdout == "[]\n"


@pytest.mark.parametrize("name", ["batch", "headers", "inspect"])
def test_a_loop_imports_nothing_dear_that_it_can_do_without(name: str) -> None:
    modules = f"service.app, service.commands.{name}"
    loaded = run("-c", f"import sys, {modules}; print([m for m in {DEAR} if m in sys.modules])")
    assert loaded.stdout == "[]\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_explains_itself(name: str) -> None:
    assert load(name).help


def test_serve_promises_what_is_there() -> None:
    told = f"{load('serve').help} {COMMANDS['serve']}"
    promised = set(re.findall(r"/[a-z0-9/.]*[a-z0-9]", told))
    assert promised
    assert promised <= {operation.path for operation in OPERATIONS}


@pytest.mark.parametrize(("name", "settings"), [("config", ALL), ("serve", SERVING)])
def test_every_setting_is_an_option(name: str, settings: tuple[str, ...]) -> None:
    assert {option_of(setting) for setting in settings} - set(spellings(load(name))) == set()


@pytest.mark.parametrize("name", ["headers", "demo", "serve"])
def test_gates_are_for_what_ends_with_an_exit_status_of_its_own(name: str) -> None:
    assert {"--fail-under", "--fail-on"} & set(spellings(load(name))) == set()


@pytest.mark.parametrize("name", ["headers", "inspect", "batch", "demo"])
def test_the_daemons_options_are_the_daemons_alone(name: str) -> None:
    assert {"--listen", "--token", "--drain"} & set(spellings(load(name))) == set()


def test_headers_has_no_options_of_judging() -> None:
    assert {"--checks", "--workers"} & set(spellings(load("headers"))) == set()


def test_an_option_that_is_no_setting_is_named_in_the_readme() -> None:
    settings = {option_of(name) for name in ALL}
    own = {
        parameter.opts[-1]
        for name in COMMANDS
        for parameter in load(name).params
        if isinstance(parameter, click.Option) and option_of(parameter.name or "") not in settings
    }
    (told,) = re.findall(r"^(Options only,.*?)\n\n", README, flags=re.MULTILINE | re.DOTALL)
    assert own == set(re.findall(r"`(?:-o, )?(--[a-z-]+)", told))


def test_no_option_is_spelt_twice() -> None:
    for name in COMMANDS:
        spelt = list(spellings(load(name)))
        assert len(spelt) == len(set(spelt)), name


@pytest.mark.parametrize("arguments", [("nonesuch",), ("batch", "--nonesuch", "-"), ("batch",)])
def test_wrong_usage_exits_2(arguments: tuple[str, ...]) -> None:
    assert run("-m", "service", *arguments).returncode == 2


@pytest.mark.parametrize("option", ["--port", "--host", "--bind=0.0.0.0"])
def test_where_to_listen_is_hinted_at_under_other_servers_names(option: str) -> None:
    done = run("-m", "service", "serve", option)
    assert done.returncode == 2
    assert "Did you mean '--listen'?" in done.stderr
