"""The command `masthead`: which commands there are. Each is a module, loaded when it runs.

`--help` is asked for often: nothing is imported here but click.
"""

import importlib
from typing import Any, Final

import click

from service import __version__

COMMANDS: Final = {
    "headers": "Print the response headers of URLs, just as they were sent.",
    "inspect": "Inspect a few URLs and show a report on each.",
    "batch": "Inspect a list of URLs: one record for each.",
    "grade": "Grade responses that were gathered elsewhere, without any network.",
    "checks": "List the checks, or explain one.",
    "submit": "Send a list to a daemon as a job, follow it, fetch its records.",
    "serve": "Run the daemon: the API, metrics and health.",
    "health": "Tell whether the daemon of the same settings is ready.",
    "config": "Show the settings in force and where each came from.",
    "demo": "Show all of it at work on sites of its own, or on a list of yours.",
}

# Of every command; README has the same table.
EXIT_STATUSES: Final = {
    "0": "every input ended in a record",
    "1": "a gate was not met, by a URL or because there was none; `headers` could not fetch a URL;"
    " `health` found no daemon that is ready",
    "2": "wrong usage, or unreadable input",
    "3": "the daemon that `submit` sent its list to could not be reached, or did not do all of it",
    "4": "the output could not be written",
    "5": "no process could be started that judges, or, with `--loops`, that fetches",
    "130, 143": "stopped by SIGINT or SIGTERM before the end",
}
INTERRUPTED: Final = 130  # 128 + SIGINT, as shells have it
HELP_WIDTH: Final = 100


class _Commands(click.Group):
    """Finds a command by its module's name; lists them without importing any."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"service.commands.{cmd_name}").command
        assert isinstance(command, click.Command)  # noqa: S101 - our own module, told to the type checker
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:  # before a command has its own handling of signals
            ctx.exit(INTERRUPTED)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))
        with formatter.section("Exit status"):
            formatter.write_dl(list(EXIT_STATUSES.items()))


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": HELP_WIDTH}
)
@click.version_option(__version__, prog_name="masthead", message="%(prog)s %(version)s")
def masthead() -> None:
    """Inspect HTTP response headers: recorded exactly, and judged.

    Options are settings too: MASTHEAD_TIMEOUT=5 in the environment, or `timeout = 5` in a TOML file given
    by --config. The command line beats the environment, which beats the file.
    """
