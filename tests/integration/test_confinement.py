"""What the daemon's processes do not have, and what its start says out loud."""

import asyncio
import resource
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.integration.real_daemon import DEADLINE_S, LOOK_S, RealDaemon, run_daemon

SECRETS = {
    "MASTHEAD_TOKEN": "ci:token-of-the-environment",
    "MASTHEAD_HEADER": "Authorization: Bearer given-to-sites",
    "MASTHEAD_WEBHOOK_SECRET": "whsec_" + "c2VjcmV0" * 4,
}
SHOWN = ("token-of-the-environment", "given-to-sites", "c2VjcmV0", "token-of-the-command-line")


def children(pid: int) -> Iterator[Path]:
    """The folders in /proc of all processes that one has started, and those that these have."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            fields = (process / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):  # another's, which has ended, or ends
            continue
        if int(fields[1]) == pid:
            yield process
            yield from children(int(process.name))


def _judging(pid: int) -> Iterator[Path]:
    for process in children(pid):
        with suppress(OSError):  # it has ended
            if b"forkserver" in (process / "cmdline").read_bytes():
                yield process


def _opened(process: Path) -> Iterator[str]:
    for link in (process / "fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            yield str(link.readlink())


def events(daemon: RealDaemon) -> dict[str, dict[str, object]]:
    return {entry["event"]: entry for entry in daemon.log}


@pytest.mark.parametrize(("loops", "expected"), [("1", 3), ("2", 6)])  # a fork server each, and workers
async def test_workers_have_no_secret_no_listener_and_no_store(
    tmp_path: Path, loops: str, expected: int
) -> None:
    options = ("--workers", "2", "--loops", loops, "-H", "X-Trace: on")
    async with run_daemon(tmp_path / "jobs", *options, env=SECRETS) as daemon:
        pid = daemon.process.pid
        async with asyncio.timeout(DEADLINE_S):  # they come up beside it
            while len(judging := list(_judging(pid))) < expected:
                await asyncio.sleep(LOOK_S)
        for process in children(pid):
            environment = (process / "environ").read_bytes()
            assert not [secret for secret in SHOWN if secret.encode() in environment]
            assert not [secret for secret in SHOWN if secret.encode() in (process / "cmdline").read_bytes()]
        opened = {path for each in judging for path in _opened(each)}
        assert not [path for path in opened if path.startswith(str(tmp_path))]
        ours = {path for path in _opened(Path("/proc") / str(pid)) if path.startswith("socket:")}
        assert ours
        assert not ours & opened
        assert {line.split()[4] for each in children(pid) for line in _core_limits(each)} == {"0"}


def _core_limits(process: Path) -> list[str]:
    return [line for line in (process / "limits").read_text().splitlines() if line.startswith("Max core")]


async def test_the_daemon_itself_leaves_no_core(tmp_path: Path) -> None:
    async with run_daemon(tmp_path) as daemon:
        soft, _ = resource.prlimit(daemon.process.pid, resource.RLIMIT_CORE)
        assert soft == 0


async def test_the_jobs_file_is_its_owners_alone_whatever_the_folder(tmp_path: Path) -> None:
    """Jobs keep the headers that they are to send."""
    tmp_path.chmod(0o755)
    async with run_daemon(tmp_path):
        kept = [path for path in tmp_path.iterdir() if path.is_file()]
        assert len(kept) >= 3
        assert {path.name: path.stat().st_mode & 0o077 for path in kept} == {path.name: 0 for path in kept}


async def test_each_loosening_is_named_at_the_start_and_no_secret_is(tmp_path: Path) -> None:
    options = ("--insecure", "--allow-port", "25", "--allow-host", "proxy.example", "--token-rate", "0")
    given = ("--token", "token-of-the-command-line")
    async with run_daemon(tmp_path, *options, *given, env=SECRETS) as daemon:
        loosened = events(daemon)["loosened"]
        assert loosened["level"] == "warning"
        assert (
            loosened
            | {
                "insecure": True,
                "allow_net": ["127.0.0.0/8"],
                "allow_port": [25],
                "allow_host": ["proxy.example"],
                "token_rate": 0,
                "address_rate": 0,
            }
            == loosened
        )
        assert "allow_anonymous" not in loosened
        exposed = events(daemon)["secrets on the command line, which others of this host can read"]
        assert exposed["settings"] == ["token"]
        assert not [secret for secret in SHOWN if secret in str(daemon.log)]
