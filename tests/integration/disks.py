"""Disks of a test's own: mounted, filled, and taken away again."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

UNMOUNT_S = 30.0  # what whoever looks at a disk for a moment may keep it busy


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


def mount_small(place: Path) -> Iterator[Path]:
    yield from _mounted(place, "-t", "tmpfs", "-o", "size=16m", "tmpfs")


def mount_ext4(place: Path) -> Iterator[Path]:
    """A disk of its own, in `image` beside it: what befalls it befalls no other."""
    if not shutil.which("mkfs.ext4") or not shutil.which("chattr"):
        pytest.skip("needs e2fsprogs: apt-get install e2fsprogs")
    image = place.with_name("image")
    image.touch()
    os.truncate(image, 32 << 20)
    run("mkfs.ext4", "-q", str(image))
    yield from _mounted(place, "-o", "loop", str(image))


def unmount(place: Path) -> None:
    """A disk that is looked at just now is busy: then once more."""
    last = time.monotonic() + UNMOUNT_S
    while True:
        done = subprocess.run(["umount", str(place)], capture_output=True, text=True, check=False)
        if not done.returncode:
            return
        assert "busy" in done.stderr, done.stderr
        assert time.monotonic() < last, done.stderr
        time.sleep(0.02)


def fill(disk: Path) -> Path:
    """Take all that is left of a disk; what it was taken by."""
    filler = disk / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4_096))
    assert os.statvfs(disk).f_bavail == 0
    return filler


def _mounted(place: Path, *mount: str) -> Iterator[Path]:
    place.mkdir()
    if os.geteuid() != 0:
        pytest.skip("mounting a disk needs root")
    done = subprocess.run(["mount", *mount, str(place)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"a disk cannot be mounted here: {done.stderr.strip()}")
    try:
        yield place
    finally:
        if place.is_mount():
            unmount(place)
