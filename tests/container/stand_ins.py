"""Images under the official names, made of Debian's packages: for machines that reach no registry.

They are as much like the official ones as the check needs: the same paths, users and entry points. What they
cannot show is the official images' size, and what only a newer Prometheus does.
"""

import os
import re
import shutil
from pathlib import Path
from typing import Final

from tests.container.commands import run
from tests.container.engine import Engine

RELEASE: Final = "bookworm"  # of Debian: the one that has Python 3.11
PYTHON: Final = "3.11"
BASE_PACKAGES: Final = "python3,python3-venv,ca-certificates,netbase,tzdata"
MACHINE_PACKAGES: Final = "systemd,systemd-sysv,procps"
BASE_PATH: Final = "PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
NOBODY: Final = 65_534


def make_base(engine: Engine, name: str, wheels: Path, directory: Path) -> None:
    """Python's slim image, which finds the wheels in itself and asks no index."""
    venv = '--customize-hook=chroot "$1" python3 -m venv /usr/local'
    archive = _bootstrap(BASE_PACKAGES, wheels, directory / "base", venv)
    engine.docker("import", "--change", f"ENV {BASE_PATH}", archive, name)
    archive.unlink()


def make_machine(engine: Engine, name: str, wheels: Path, directory: Path) -> None:
    """A Debian that systemd runs, as a server has it."""
    archive = _bootstrap(f"{BASE_PACKAGES},{MACHINE_PACKAGES}", wheels, directory / "machine")
    engine.docker("import", "--change", "ENV container=docker", archive, name)
    archive.unlink()


def _bootstrap(packages: str, wheels: Path, directory: Path, *options: str) -> Path:
    directory.mkdir()
    (directory / "pip.conf").write_text("[global]\nno-index = true\nfind-links = /wheels\n")
    archive = directory / "root.tar"
    run(
        *("mmdebstrap", "--quiet", "--variant=minbase", f"--include={packages}", *options),
        f"--customize-hook=copy-in {wheels} /",
        f"--customize-hook=copy-in {directory / 'pip.conf'} /etc",
        *(RELEASE, archive),
        env={**os.environ, "TMPDIR": str(directory)},
    )
    return archive


def make_prometheus(engine: Engine, name: str, directory: Path) -> None:
    """Prometheus' image: its two programs, and busybox, from which the official one has `wget` and `sh`."""
    root = directory / "prometheus"
    programs = [Path(shutil.which(program) or "") for program in ("prometheus", "promtool", "busybox")]
    for program in programs:
        _copy(program, root / "bin" / program.name)
        for library in re.findall(r"(/\S+) \(0x", _libraries(program)):
            _copy(Path(library), root / library[1:])
    for applet in ("wget", "sh"):
        (root / "bin" / applet).symlink_to("busybox")
    (root / "etc/prometheus").mkdir(parents=True)
    (root / "etc/passwd").write_text(f"nobody:x:{NOBODY}:{NOBODY}:nobody:/:/bin/false\n")
    (root / "prometheus").mkdir()
    shutil.chown(root / "prometheus", NOBODY, NOBODY)
    archive = directory / "prometheus.tar"
    run("tar", "-C", root, "-cf", archive, ".")
    changes = ('ENTRYPOINT ["/bin/prometheus"]', "USER nobody", "WORKDIR /prometheus", "VOLUME /prometheus")
    engine.docker("import", *(f"--change={change}" for change in changes), archive, name)


def _libraries(program: Path) -> str:
    """What the loader would load; nothing for a program that is linked statically."""
    return "" if program.name == "busybox" else run("ldd", program)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)
