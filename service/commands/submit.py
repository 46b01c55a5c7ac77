"""`masthead submit`: a list done by a daemon, as a job of it."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from service.commands.command import SettingsCommand, complain
from service.commands.ending import tell_gates
from service.commands.files import InputFile, open_output, output_option
from service.commands.formats import OF_LISTS, make_format
from service.commands.options import GATES, SENDING
from service.configuration import Loaded
from service.errors import UsageError
from service.inspection.line_numbers import LineNumbers
from service.output.gate import Gate, GateTally
from service.output.place import ListPlace
from service.output.summary import Stop, Tally, summarise

if TYPE_CHECKING:
    from service.client import Client

# What a job may say for itself, by its name in the API. What nobody has given is as the daemon has it.
JOB_OPTIONS: Final = {
    "timeout": "timeout",
    "max_redirects": "max_redirects",
    "method": "method",
    "depth": "depth",
    "header": "headers",
    "checks": "checks",
    "priority": "priority",
}
SETTINGS: Final = (
    "format",
    "quiet",
    *SENDING,
    "token",
    "token_file",
    "ca_file",
    *(name for name in JOB_OPTIONS if name not in SENDING),
)


@click.command(cls=SettingsCommand, settings=(*SETTINGS, *GATES), formats=OF_LISTS)
@click.argument("file", metavar="[FILE]", required=False)
@click.option(
    "--job", "job_id", metavar="ID", help="in place of FILE: follow this job, from its first record"
)
@output_option
def command(loaded: Loaded, file: str | None, job_id: str | None, path: Path | None) -> int:
    """Send the URLs in FILE, one a line, to the daemon at --to, and write each record as it is done.

    `-` is stdin. Gzip is recognised. Once the list has been sent, the job survives the daemon's restarts, and
    so does this run: a daemon that is away is waited for. What is not given here (--timeout, --checks, …) is
    as the daemon has it. The first token of --token or --token-file is sent; --ca-file names the roots of an
    https:// daemon.

    SIGINT (Ctrl-C) or SIGTERM ends the run, and not the job: --job ID comes back to it.

    The exit status is 1 where a gate given by --fail-under or --fail-on is not met, 2 where the daemon takes
    the request for wrong, 3 where it cannot be reached or did not do the whole list.
    """
    if (file is None) == (job_id is None):
        raise UsageError("expected either FILE or --job ID")
    if loaded.settings.to is None:
        raise UsageError("expected --to URL, the daemon that is to do the job")
    from service.commands.submit_list import Submission, submit_list  # a wrong usage needs no client

    quiet = loaded.settings.quiet
    list_file = InputFile(file) if file is not None else None
    tally = Tally()
    gates = GateTally(Gate.of(loaded.settings))
    numbers = LineNumbers()
    place = None
    if list_file is not None:
        place = ListPlace(list_file.name, numbers.line_of, is_file=not list_file.is_stdin)
    with ExitStack() as stack:
        told = None if quiet else complain
        output = stack.enter_context(open_output(path, list_file, say=told))
        submitted = submit_list(
            Submission(
                open_client=_client_opener(loaded),
                options=_job_options(loaded),
                list_file=list_file,
                job_id=job_id,
                note=numbers.note,
                output=output,
                format=make_format(loaded.settings, output.fd, place),
                tally=tally,
                gates=gates,
                say=(lambda _: None) if quiet else complain,
            )
        )
    if not quiet and (tally.total or submitted.signal is not None):
        stop = None
        if submitted.signal is not None:
            stop = Stop(submitted.signal, submitted.written, submitted.total)
        where = str(path) if path is not None and submitted.written else None
        for line in summarise(tally, where, stop):
            click.echo(line, err=True)
    return tell_gates(gates, submitted.status)


def _client_opener(loaded: Loaded) -> "Callable[[], Client]":
    import ssl

    from service.api.auth import read_tokens
    from service.client import Client

    settings = loaded.settings
    tokens = read_tokens(settings)
    token = tokens[0][1] if tokens else None
    try:
        tls = ssl.create_default_context(cafile=settings.ca_file)
    except OSError as error:
        raise UsageError(
            f"ca_file: {settings.ca_file}: expected a PEM file of certificates: {error}"
        ) from error
    return lambda: Client(str(settings.to), token, tls, complain)


def _job_options(loaded: Loaded) -> dict[str, Any]:
    """Those that somebody has given, as the API takes them."""
    given = {
        known: getattr(loaded.settings, name)
        for name, known in JOB_OPTIONS.items()
        if loaded.origins[name] != "default"
    }
    if "headers" in given:
        given["headers"] = list(given["headers"])
    return given
