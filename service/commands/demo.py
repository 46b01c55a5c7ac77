"""`masthead demo`: all of it at work, on a fleet of sites of its own or on a list of yours (`make run`)."""

import asyncio
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import click
from msgspec.structs import replace

from service.commands.command import SettingsCommand, complain, say
from service.commands.ending import tell_ending
from service.commands.files import InputFile, open_output, show_progress
from service.commands.loosening import tell_loosening
from service.commands.options import INSPECTING
from service.commands.run_list import Ending, Run, inspect_list, run_list
from service.configuration import Loaded
from service.demo.fleet import Fleet, Ports, open_fleet, serve_sites
from service.demo.names import ADDRESS, DOMAIN
from service.demo.sites import SITES
from service.errors import OutputError, UsageError
from service.inspection.source import ListSource
from service.lifecycle import on_stop_signals
from service.output.jsonl import JSONL
from service.output.summary import Tally
from service.settings import Settings

RECORDS: Final = "records.jsonl"
AUTHORITY: Final = "authority.pem"
SERVED: Final = Ports(http=80, https=443, untrusted=8443)
RESPONSE_TIMEOUT_S: Final = 2.0  # one site of the fleet never answers; this is twice what the slow ones take


@click.command(cls=SettingsCommand, settings=INSPECTING)
@click.argument("urls_file", required=False, metavar="[URLS_FILE]")
@click.option(
    "-o",
    "--output",
    "directory",
    type=Path,
    default=Path("out"),
    show_default=True,
    metavar="DIR",
    help=f"write the records to {RECORDS} in this directory",
)
@click.option(
    "--serve",
    "address",
    metavar="ADDRESS",
    help=f"serve the fleet's sites alone, at ports {SERVED.http} and {SERVED.https} of this address, until"
    f" stopped; what signs their certificates is {AUTHORITY} in the directory",
)
def command(loaded: Loaded, urls_file: str | None, directory: Path, address: str | None) -> int:
    """Inspect a fleet of sites that the command itself serves on loopback: good and bad headers, redirects,
    slow and broken servers, and ways to fail. No network is needed.

    With URLS_FILE, inspect that list instead, one URL a line. Either way the records are written as JSON
    lines, and a summary ends the output. With --serve nothing is inspected: the sites are there for a daemon
    to look at. Whatever resolves their names (NAME.masthead.test) is yours.
    """
    if address is not None:
        _make(directory)
        asyncio.run(_serve(address, directory / AUTHORITY))
        return 0
    list_file = InputFile(urls_file) if urls_file is not None else None
    records = directory / RECORDS
    _make(directory)
    tell_loosening(loaded.settings)
    tally = Tally()
    with ExitStack() as stack:
        output = stack.enter_context(open_output(records, list_file, say=complain))
        run = Run(
            settings=loaded.settings,
            open_source=list_file.open_source if list_file else lambda: ListSource(()),
            output=output,
            format=JSONL,
            tally=tally,
        )
        if list_file is None:
            ending = asyncio.run(_inspect_fleet(run))
        else:
            with show_progress(tally, output.fd, lambda: list_file.total):
                ending = run_list(run)
    tell_ending(ending, tally, list_file, str(records), say)
    return ending.status


async def _serve(address: str, authority: Path) -> None:
    stopped = asyncio.Event()
    with on_stop_signals(stopped.set):
        try:
            async with serve_sites(address, SERVED) as sites:
                _copy(sites.authority, authority)
                names = ", ".join(SITES)
                say(f"Serving http:// and https:// of these names under {DOMAIN} on {address}: {names}")
                await stopped.wait()
        except OSError as error:
            raise UsageError(f"--serve: {address}: cannot be bound: {error.strerror or error}") from error


async def _inspect_fleet(run: Run) -> Ending:
    async with open_fleet() as fleet:
        say(f"Inspecting {len(fleet.urls)} URLs of a fleet of sites served on loopback …\n")
        on_fleet = replace(
            run, settings=_settings_for(fleet, run.settings), open_source=lambda: ListSource(fleet.urls)
        )
        with show_progress(run.tally, run.output.fd, lambda: len(fleet.urls)):
            return await inspect_list(on_fleet)


def _settings_for(fleet: Fleet, settings: Settings) -> Settings:
    """Those in force, with what the fleet needs: its authority, its name server, loopback let through."""
    return settings.model_copy(
        update={
            "allow_net": (*settings.allow_net, f"{ADDRESS}/32"),
            "ca_file": fleet.ca_file,
            "resolver": fleet.resolver,
            "response_timeout": min(settings.response_timeout, RESPONSE_TIMEOUT_S),
        }
    )


def _copy(file: Path, target: Path) -> None:
    try:
        target.write_bytes(file.read_bytes())
    except OSError as error:
        raise OutputError(str(target), error) from error


def _make(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(str(directory), error) from error
