"""What was answered is on the disk: the system calls of a submission, in their order."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.integration.real_daemon import run_daemon

MARK = "http://this-list.invalid/"
PAGE = "65536"  # bytes of a call that are told: SQLite has no larger page
TRACE = ("strace", "-f", "-qq", "-y", "-s", PAGE, "-e", "trace=pwrite64,fdatasync,fsync,sendto,write")


async def test_a_list_is_written_and_synced_before_it_is_answered_for(tmp_path: Path) -> None:
    if not shutil.which("strace"):
        pytest.skip("needs strace: apt-get install strace")
    if subprocess.run([*TRACE, "-o", "/dev/null", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no process may be traced here")
    trace = tmp_path / "trace"
    async with run_daemon(tmp_path, "--checks", "none", before=(*TRACE, "-o", str(trace))) as daemon:
        await daemon.submit([MARK])
    calls = trace.read_text(errors="replace").splitlines()
    written = _first(calls, r"pwrite64\(\d+<.*jobs\.sqlite3-wal>.*" + re.escape(MARK))
    synced = _first(calls, r"f(data)?sync\(\d+<.*jobs\.sqlite3-wal>\) = 0", written)
    answered = _first(calls, r"(sendto|write)\(.*HTTP/1\.1 202 ")
    assert written < synced < answered
    # The transaction that accepts the list is a second one: nothing is written behind the last sync.
    last = max(n for n, call in enumerate(calls[:answered]) if "jobs.sqlite3-wal>" in call)
    assert "sync(" in calls[last]


def _first(calls: list[str], pattern: str, after: int = 0) -> int:
    for number, call in enumerate(calls[after:], after):
        if re.search(pattern, call):
            return number
    raise AssertionError(f"no call is {pattern}")
