"""The programs that benchmarks run: those that are installed, and those that are compiled here."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SYSTEM_PATH = "/usr/sbin:/usr/local/sbin:/sbin:/usr/bin:/usr/local/bin:/bin"  # a user's may lack sbin


def require(program: str, package: str) -> str:
    """Where an installed program is. Fails where it is not, with the Debian package that has it."""
    found = shutil.which(program) or shutil.which(program, path=SYSTEM_PATH)
    if found is None:
        raise SystemExit(f"this benchmark needs {program} (Debian: apt-get install {package})")
    return found


def compile_c(source: str, folder: Path, *libraries: str) -> str:
    """Compile a source of this package into the folder; returns the program. `libraries` such as `-lssl`."""
    compiler = require("cc", "gcc libc6-dev")
    program = folder / Path(source).stem
    path = Path(__file__).with_name(source)
    subprocess.run(
        [compiler, "-O2", "-Wall", "-Wextra", "-o", str(program), str(path), *libraries], check=True
    )
    return str(program)


def compile_go(source: str, folder: Path) -> str | None:
    """The same of a source in Go; None where there is no Go."""
    compiler = shutil.which("go")
    if compiler is None:
        return None
    program = folder / Path(source).stem
    subprocess.run([compiler, "build", "-o", str(program), str(Path(__file__).with_name(source))], check=True)
    return str(program)


@dataclass(frozen=True, slots=True)
class Server:
    """A server of ours that runs, and the line that it `said` when it was ready."""

    process: "subprocess.Popen[str]"
    said: str

    def end(self) -> str:
        """End it; returns what it says at its end."""
        self.process.terminate()
        return self.process.communicate()[0]


@contextmanager
def serving(command: Sequence[str]) -> Iterator[Server]:
    """Runs a server of ours for the block's time, from when it says so: by a line on stdout."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            said = process.stdout.readline()
            if not said:
                raise SystemExit(f"{' '.join(command)} did not start")
            yield Server(process, said)
        finally:
            process.terminate()
