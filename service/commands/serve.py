"""`masthead serve`: the daemon, until a signal ends it."""

import asyncio
import signal
from typing import Final, NoReturn

import click

from service.commands.command import SettingsCommand
from service.commands.options import SERVING
from service.configuration import Loaded
from service.settings import SECRET

LIKE_LISTEN: Final = ("--address", "--bind", "--host", "--port")


class _ServeCommand(SettingsCommand):
    """Answers the names under which other servers have what is `--listen` here."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            if error.option_name in LIKE_LISTEN:
                message = f"No such option {error.option_name!r}. Did you mean '--listen'?"
                raise click.NoSuchOption(error.option_name, message, ctx=ctx) from error
            raise


@click.command(cls=_ServeCommand, settings=SERVING)
def command(loaded: Loaded) -> None:
    """Run the daemon: an API for short lists (POST /v1/inspections) and, with --data, long ones (/v1/jobs),
    probes (GET /probe) and metrics (/metrics) for Prometheus, and health (/livez, /readyz). /docs describes
    every call, /openapi.json does so for programs.

    It listens on loopback unless --listen says otherwise, and then wants a token. SIGTERM or SIGINT drains:
    work under way is given --drain seconds. SIGHUP reads modules and tokens again.
    """
    signal.signal(signal.SIGTERM, _end)
    from service.api.server import serve

    exposed = sorted(name for name in SECRET if loaded.origins[name] == "command line")
    asyncio.run(serve(loaded.settings, exposed))


def _end(number: int, _: object) -> NoReturn:
    """While the daemon is being loaded: a container's first process ignores signals that nothing handles."""
    raise SystemExit(128 + number)
