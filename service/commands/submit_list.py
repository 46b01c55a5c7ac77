"""One run of `masthead submit`: the list is packed, sent and followed; its records are written as they come.

A signal ends the run, and not the job: that is the daemon's, and goes on without us.
"""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from signal import Signals
from typing import Final

import click

from service.client import Client, DaemonRefused, Job, read_job
from service.commands.command import WRONG_USAGE, complain
from service.commands.files import InputFile, Output, show_progress
from service.commands.packed_list import MEDIA_TYPE, PackedList
from service.inspection.lines import Note
from service.lifecycle import on_stop_signals
from service.output.escape import printable
from service.output.format import Format
from service.output.gate import GateTally
from service.output.jsonl import read_record
from service.output.sink import Sink
from service.output.summary import Tally
from service.patience import DaemonAway
from service.telemetry.events import Inspected
from workers.model import Verdict

NOT_FINISHED: Final = 3  # the daemon did not do the whole list
WRONG_REQUEST: Final = frozenset({400, 401, 403, 404, 405, 406, 411, 413, 414, 415, 422})


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What is sent, or (`job_id`) which job is followed, and where the records go. `note` hears of the list's
    lines; `say` of what is no fault."""

    open_client: Callable[[], Client]
    options: dict[str, object]
    list_file: InputFile | None
    job_id: str | None
    note: Note
    output: Output
    format: Format
    tally: Tally
    gates: GateTally
    say: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Submitted:
    """How it ended: the exit status, the signal that stopped it if one did, how many records are written, and
    how many there will be, where that came to be known."""

    status: int
    signal: Signals | None
    written: int
    total: int | None


def submit_list(submission: Submission) -> Submitted:
    """All of it on a loop of its own. Raises OutputError, and UsageError where the list cannot be read."""
    return asyncio.run(_submit(submission))


async def _submit(submission: Submission) -> Submitted:
    return await _Run(submission).run()


class _Run:
    def __init__(self, submission: Submission) -> None:
        self._submission = submission
        self._url = ""
        self._job: Job | None = None
        self._work: asyncio.Task[int]
        self._sink: Sink[Verdict] | None = None  # there is none before the daemon has taken the list on

    async def run(self) -> Submitted:
        end = self._submission.format.end
        self._work = asyncio.create_task(self._submit(), name="submit the list")
        with on_stop_signals(self._leave) as stopping:
            try:
                await asyncio.wait([self._work])
                stopped = f"stopped by {stopping.signal.name}" if stopping.signal is not None else None
                if self._sink is not None:
                    await self._sink.close(end(stopped or self._why_cut()))
            except asyncio.CancelledError:
                if stopping.signal is None:
                    raise
                stopped = f"stopped by {stopping.signal.name}"
                if self._sink is not None and not self._sink.abandon(end(stopped)):
                    name = self._submission.output.name
                    complain(f"{name}: its reader did not take what was being written: the end may be cut")
        if self._sink is not None:
            self._sink.check("records" if self._submission.format.is_lines else "")
        status = stopping.exit_status or self._work.result()
        total = self._job.total if self._job is not None else None
        return Submitted(status, stopping.signal, self._sink.items_written if self._sink else 0, total)

    async def _submit(self) -> int:
        try:
            async with self._submission.open_client() as client:
                self._url = client.url
                await client.greet()
                self._job = await self._find_job(client)
                submission = self._submission
                self._sink = submission.output.begin(submission.format, self._give_up)
                if self._job is None:
                    return 0
                with show_progress(submission.tally, submission.output.fd, self._count_total):
                    await self._follow(client, self._job.id, self._sink)
        except DaemonRefused as error:
            complain(str(error))
            for fault in error.faults:
                click.echo(f"  {printable(fault)}", err=True)
            return WRONG_USAGE if error.status in WRONG_REQUEST and self._job is None else NOT_FINISHED
        except DaemonAway as error:
            complain(str(error))
            self._tell_how_to_go_on()
            return NOT_FINISHED
        reason = self._why_cut()
        if reason is not None:
            complain(reason)
        return 0 if reason is None else NOT_FINISHED

    async def _find_job(self, client: Client) -> Job | None:
        """None where the list has no URLs."""
        submission = self._submission
        if submission.job_id is not None:
            return await client.show(submission.job_id)
        assert submission.list_file is not None  # noqa: S101 - for the type checker: one of both is given
        packed = PackedList(submission.options)
        source = submission.list_file.open_source(packed.noting(submission.note), packed.pack)
        try:
            await source.next()
            if source.fault is not None:
                raise source.fault
            if not packed.count:
                complain(f"no URLs in {submission.list_file.name}")
                return None
            job = await client.submit(packed.pieces, MEDIA_TYPE, secrets.token_hex(16))
        finally:
            source.stop()
            packed.close()
        submission.say(f"{job.total:,} URLs are job {job.id} at {client.url}")
        return job

    async def _follow(self, client: Client, job_id: str, sink: Sink[Verdict]) -> None:
        tally, gates = self._submission.tally, self._submission.gates
        async for event in client.follow(job_id):
            if event.kind != "record":
                self._job = read_job(event.data)
                continue
            try:
                held = read_record(event.data)
            except ValueError as error:
                raise DaemonRefused(200, f"{client.url}: expected a record: {error}") from error
            tally(Inspected(held.verdict))
            gates.see(held.verdict, held.input)
            room = sink.deliver(held.verdict)
            if room is not None:
                await room

    def _count_total(self) -> int | None:
        return self._job.total if self._job is not None else None

    def _why_cut(self) -> str | None:
        """What kept the daemon from the end of the list; None where nothing did."""
        job = self._job
        if job is None or job.state == "done":
            return None
        return f"job {job.id} is {job.state}: {job.done:,} of {job.total:,} URLs have a record"

    def _give_up(self) -> None:
        self._work.cancel()

    def _leave(self) -> None:
        self._work.cancel()
        if self._job is None:
            complain("stopping before the daemon has said that it takes the list on")
        else:
            complain(f"stopping: job {self._job.id} goes on")
            self._tell_how_to_go_on()

    def _tell_how_to_go_on(self) -> None:
        if self._job is not None:
            job, url = self._job.id, self._url
            click.echo(f"  its records  masthead submit --to {url} --job {job}", err=True)
            click.echo(f"  to end it    curl -X POST {url}/v1/jobs/{job}/cancel", err=True)
