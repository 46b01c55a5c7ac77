"""What the lock pins, as wheels for one architecture: pip takes no others, so what has none is a fault."""

import sys
from pathlib import Path
from typing import Final

from tests.container.commands import run
from tests.container.stand_ins import PYTHON

ROOT: Final = Path(__file__).parents[2]
# Debian's name of the architecture, and the tags of what runs on the image's C library (glibc 2.36 at least).
PLATFORMS: Final = {
    "amd64": ("manylinux_2_28_x86_64", "manylinux2014_x86_64"),
    "arm64": ("manylinux_2_28_aarch64", "manylinux2014_aarch64"),
}


def download(architecture: str, directory: Path) -> None:
    """All that the image installs. Raises CommandError where the lock has no wheel of something."""
    platforms = (f"--platform={tag}" for tag in PLATFORMS[architecture])
    run(
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
        *("--no-deps", "--require-hashes", "--only-binary", ":all:", "--implementation", "cp"),
        *(f"--python-version={PYTHON}", *platforms, "--dest", directory),
        *("--requirement", ROOT / "requirements.lock", "--requirement", ROOT / "requirements-build.lock"),
    )
