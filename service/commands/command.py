"""What every command does alike: its settings as options, its faults told on stderr, its exit status."""

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import click

from service.commands.options import read_given, setting_options
from service.configuration import check_roots, load_settings, strange_variables, variable_of
from service.errors import NoWorkers, OutputError, UsageError
from service.output.escape import ERASE_LINE, printable
from service.settings import SECRET

WRONG_USAGE: Final = 2
NOT_WRITTEN: Final = 4
NOT_JUDGED: Final = 5


def complain(message: str) -> None:
    """One line on stderr, in place of a progress line. What it quotes may come from a server: control
    characters are escaped."""
    erase = ERASE_LINE if sys.stderr is not None and sys.stderr.isatty() else ""
    click.echo(f"{erase}masthead: {printable(message)}", err=True)


def say(text: str) -> None:
    """Lines on stdout. Raises OutputError where they cannot be written."""
    try:
        click.echo(text)
    except OSError as error:
        # What is still buffered would fail again when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise OutputError("stdout", error) from error


class Command(click.Command):
    """A command that ends with the contract's exit status. Its callback may return one."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            status = self._run(ctx)
        except UsageError as error:
            for fault in error.faults:
                complain(fault)
            status = WRONG_USAGE
        except NoWorkers as error:
            complain(str(error))
            status = NOT_JUDGED
        except OutputError as error:
            if not error.is_broken_pipe:
                complain(str(error))
            status = NOT_WRITTEN
        ctx.exit(status or 0)

    def _run(self, ctx: click.Context) -> int | None:
        status = super().invoke(ctx)
        assert status is None or isinstance(status, int)  # noqa: S101 - our own callbacks, for the type checker
        return status


class SettingsCommand(Command):
    """A command with options generated from the settings that it uses; its callback gets them as `loaded`.

    `formats` are those that it can write, the default first. Variables that may be meant for settings, and
    are none, are told; with `tells_strangers` so are those that look like another program's.
    """

    def __init__(
        self,
        *args: Any,
        settings: Iterable[str],
        formats: Sequence[str] = (),
        tells_strangers: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.settings: Final = tuple(settings)
        self._formats: Final = formats
        self._tells_strangers: Final = tells_strangers
        self.params.append(_config_option())
        own = [one for one in self.params if isinstance(one, click.Option)]
        self._no_settings: Final = [one.opts[-1].removeprefix("--") for one in own]
        self.params += setting_options(self.settings, formats)

    def _run(self, ctx: click.Context) -> int | None:
        for name, hint in strange_variables(os.environ, self._no_settings).items():
            if hint or self._tells_strangers:
                complain(f"environment: {name}: there is no such setting{'; ' if hint else ''}{hint}")
        given = read_given(ctx.params, self.settings)
        file = ctx.params.pop("config_file")
        ctx.params["loaded"] = loaded = load_settings(given, os.environ, file, self._formats)
        if "ca_file" in self.settings and loaded.settings.ca_file is None:
            check_roots(os.environ)
        for name in SECRET:  # not for the processes that judge what servers sent
            os.environ.pop(variable_of(name), None)
        return super()._run(ctx)


def stdout_fd() -> int:
    """The descriptor of stdout. Raises OutputError where the caller has closed it."""
    if sys.stdout is None:
        raise OutputError("stdout", "it is closed")
    sys.stdout.flush()
    return sys.stdout.fileno()


def _config_option() -> click.Option:
    return click.Option(
        ["--config", "config_file"], type=Path, metavar="FILE", help="TOML file of settings", default=None
    )
