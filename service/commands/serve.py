"""`masthead serve`: the daemon, until a signal ends it."""

import asyncio

import click

from service.commands.command import SettingsCommand
from service.commands.options import ALL
from service.settings import Loaded


@click.command(cls=SettingsCommand, settings=ALL)
def command(loaded: Loaded) -> None:
    """Run the daemon: the API under /v1, probes for Prometheus, metrics, health.

    It listens on loopback unless --listen says otherwise, and then wants a token. SIGTERM or SIGINT drains:
    work under way is given --drain seconds.
    """
    from service.api.server import serve

    asyncio.run(serve(loaded.settings))
